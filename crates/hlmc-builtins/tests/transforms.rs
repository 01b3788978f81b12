//! Constraint transforms as functions: each undoes its inverse, with derivatives, and counts its Jacobian.

use hlmc_builtins::value::Kind;
use hlmc_builtins::{Call, Dual, Fault, Library, Number, Part, Terms, Type, Value};
use hlmc_math::Real;

/// The values and the log Jacobian of a call.
fn call<A: Number>(name: &str, types: &[Type], arguments: &[Value<A>]) -> Result<(Value<A>, A), Fault> {
    let library = Library::<A>::new();
    let found = library.resolve(name, types).map_err(|why| Fault::fatal(format!("{why:?}")))?;
    let arguments: Vec<&Value<A>> = arguments.iter().collect();
    let mut log_jacobian = A::zero();
    let mut call = Call {
        arguments: &arguments,
        terms: Terms::ALL,
        rng: None,
        callback: None,
        log_jacobian: Some(&mut log_jacobian),
    };
    let value = library.row(found.function).ok_or_else(|| Fault::fatal("no row"))?.call(Part::Function, &mut call)?;
    Ok((value, log_jacobian))
}

fn entries<A: Real>(value: &Value<A>) -> Vec<A> {
    (0..value.n_entries()).filter_map(|i| value.real_at(i)).collect()
}

/// Entry i of the unconstrained values of a test, moving by 1 + i.
fn coordinate(i: usize) -> Dual {
    Dual::from_re((i as f64 * 0.9).sin()) + Dual::from_re(0.0).derivative(0) * (1.0 + i as f64)
}

/// Two elements of 6 coordinates: a vector or a matrix of 2 rows.
fn unconstrained(ty: &Type) -> Value<Dual> {
    let entries = (0..12).map(coordinate).collect();
    match ty {
        Type::Vector => Value::tensor(Kind::Vector, [2, 6], entries),
        _ => Value::tensor(Kind::Matrix, [2, 2, 3], entries),
    }
}

#[test]
fn every_structured_transform_is_undone_by_its_inverse() {
    let cases: [(&str, Type, &[i64], &[usize]); 12] = [
        ("ordered", Type::Vector, &[], &[2, 6]),
        ("positive_ordered", Type::Vector, &[], &[2, 6]),
        ("simplex", Type::Vector, &[], &[2, 7]),
        ("sum_to_zero", Type::Vector, &[], &[2, 7]),
        ("sum_to_zero", Type::Matrix, &[], &[2, 3, 4]),
        ("stochastic_column", Type::Matrix, &[], &[2, 3, 3]),
        ("stochastic_row", Type::Matrix, &[], &[2, 2, 4]),
        ("cholesky_factor_corr", Type::Vector, &[4], &[2, 4, 4]),
        ("corr_matrix", Type::Vector, &[4], &[2, 4, 4]),
        ("cholesky_factor_cov", Type::Vector, &[3, 3], &[2, 3, 3]),
        ("cov_matrix", Type::Vector, &[3], &[2, 3, 3]),
        ("unit_vector", Type::Vector, &[], &[2, 6]),
    ];
    for (stem, ty, sizes, dims) in cases {
        let mut types = vec![ty.clone().in_array(1)];
        types.resize(1 + sizes.len(), Type::Int);
        let mut arguments = vec![unconstrained(&ty)];
        arguments.extend(sizes.iter().map(|n| Value::Int(*n)));
        let (values, counted) = call(&format!("{stem}_jacobian"), &types, &arguments).unwrap();
        let (again, not_counted) = call(&format!("{stem}_constrain"), &types, &arguments).unwrap();
        assert_eq!(values, again, "{stem}");
        assert_eq!(not_counted.value(), 0.0, "{stem}");
        assert_eq!(counted.value() != 0.0, stem != "sum_to_zero", "{stem}");
        assert_eq!(values.dims().as_slice(), dims, "{stem}");

        let inner = if dims.len() == 3 { Type::Matrix } else { Type::Vector };
        let (back, _) = call(&format!("{stem}_unconstrain"), &[inner.in_array(1)], &[values]).unwrap();
        assert_eq!(back.dims(), arguments[0].dims(), "{stem}");
        if stem == "unit_vector" {
            // The length of the unconstrained vector is lost.
            continue;
        }
        for (i, y) in entries(&back).into_iter().enumerate() {
            let expected = coordinate(i);
            assert!((y.value() - expected.value()).abs() < 1e-9, "{stem} {i}: {y}");
            assert!((y.partial(0) - expected.partial(0)).abs() < 1e-8, "{stem} {i}: {y}");
        }
    }
}

#[test]
fn elementwise_transforms_take_one_parameter_for_all_or_one_for_each() {
    let y: Value<Dual> = Value::vector((0..3).map(coordinate).collect());
    let of = |shift: f64| Value::vector(vec![Dual::from_re(shift); 3]);
    let one = |shift: f64| Value::Real(Dual::from_re(shift));
    let cases = [
        ("lower_bound", vec![one(-1.0)]),
        ("lower_bound", vec![of(2.0)]),
        ("upper_bound", vec![of(f64::INFINITY)]),
        ("lower_upper_bound", vec![one(-1.0), of(2.5)]),
        ("offset_multiplier", vec![of(3.0), one(2.0)]),
    ];
    for (stem, parameters) in cases {
        let mut types = vec![Type::Vector];
        types.extend(parameters.iter().map(|p| if p.is_scalar() { Type::Real } else { Type::Vector }));
        let forth: Vec<Value<Dual>> = [y.clone()].into_iter().chain(parameters.clone()).collect();
        let (values, log_jacobian) = call(&format!("{stem}_jacobian"), &types, &forth).unwrap();
        // The Jacobian is diagonal, and direction 0 moves entry i by 1 + i.
        let slopes =
            entries(&values).iter().enumerate().map(|(i, x)| (x.partial(0) / (1.0 + i as f64)).ln()).sum::<f64>();
        assert!((log_jacobian.value() - slopes).abs() < 1e-12, "{stem}");
        let back: Vec<Value<Dual>> = [values].into_iter().chain(parameters).collect();
        let (back, _) = call(&format!("{stem}_unconstrain"), &types, &back).unwrap();
        for (found, expected) in entries(&back).into_iter().zip(entries(&y)) {
            assert!((found.value() - expected.value()).abs() < 1e-12, "{stem}");
            assert!((found.partial(0) - expected.partial(0)).abs() < 1e-12, "{stem}");
        }
    }
}

#[test]
fn sizes_that_do_not_fit_and_values_outside_of_their_set_are_faults() {
    let three = Value::<f64>::vector(vec![0.5, 0.2, 0.9]);
    let with_size = [Type::Vector, Type::Int];
    for n in [-1, 0, 2, i64::from(i32::MAX)] {
        assert!(call("corr_matrix_constrain", &with_size, &[three.clone(), Value::Int(n)]).is_err(), "{n}");
    }
    assert!(call("simplex_unconstrain", &[Type::Vector], std::slice::from_ref(&three)).is_err());
    assert!(call("ordered_unconstrain", &[Type::Vector], std::slice::from_ref(&three)).is_err());
    assert!(call("upper_bound_unconstrain", &[Type::Vector, Type::Real], &[three, Value::Real(0.3)]).is_err());
}
