//! Typed program and data to a bound model: one evaluator, generic over the number.
