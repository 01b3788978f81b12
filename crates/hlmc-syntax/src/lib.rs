//! Text to AST: grammar, spans, source files, diagnostics as data.
