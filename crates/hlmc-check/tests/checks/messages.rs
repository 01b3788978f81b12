//! What messages say beside their place.

use crate::support::checked;

#[test]
fn unknown_names_come_with_the_nearest_one() {
    let help = |text: &str| checked(text).0.diagnostics[0].help.clone().unwrap_or_default();
    assert_eq!(help("data { real sigma; } model { real x = sgima; }"), "did you mean `sigma`?");
    assert_eq!(help("model { real x = squar(2); }"), "did you mean `square`?");
    assert_eq!(help("parameters { real x; } model { x ~ nromal(0, 1); }"), "did you mean `normal`?");
}

#[test]
fn declarations_that_made_it_a_mistake_are_shown() {
    let (found, sources) = checked("data { real x; }\nmodel {\n  x = 1;\n}");
    let places: Vec<u32> = found.diagnostics[0].secondary.iter().map(|l| sources.position(l.span).line).collect();
    assert_eq!(places, [1]);
}

#[test]
fn unsupported_functions_are_named_once() {
    let text = "parameters { real x; } model { x ~ wiener(1, 1, 1, 1); x ~ wiener(1, 1, 1, 1); }";
    let (found, _) = checked(text);
    let messages: Vec<&str> = found.diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(messages, ["`wiener` is a function of Stan that hlmc does not support yet"]);
    assert_eq!(found.diagnostics[0].code, "hlmc::check::not_yet_supported");
}

#[test]
fn wrong_arguments_come_with_the_signatures() {
    let (found, _) = checked("functions { real f(vector v) { return 1; } } model { real x = f(2, {1}); }");
    assert_eq!(found.diagnostics[0].message, "`f` does not take 2 arguments of type int and array[] int");
    assert_eq!(found.diagnostics[0].help.as_deref(), Some("the signature is `real f(vector)`"));
}
