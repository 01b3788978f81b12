//! Places, words and the number of errors. The place of an error is the token that cannot go on with what is before
//! it, as in the reference compiler.

use crate::{errors_of, parse_program, places};
use hlmc_syntax::Diagnostic;

/// The first error of a text.
#[track_caller]
fn first(text: &str) -> Diagnostic {
    parse_program(text).diagnostics.into_iter().next().expect("an error")
}

#[test]
fn a_missing_semicolon_shows_at_the_next_token_and_points_at_its_place() {
    let text = "model {\n  x = 1\n  y = 2;\n}";
    let parsed = parse_program(text);
    assert_eq!(places(&parsed), ["3:3 missing_semicolon"]);
    let error = &parsed.diagnostics[0];
    let position = parsed.sources.position(error.secondary[0].span);
    assert_eq!((position.line, position.column), (2, 8));
    assert_eq!(error.message, "expected `;` before `y`");
    assert_eq!(errors_of("model { mu ~ normal(0, 1) }"), ["1:27 missing_semicolon"]);
    assert_eq!(errors_of("data { real x }"), ["1:15 missing_semicolon"]);
    assert_eq!(errors_of("model { break }"), ["1:15 missing_semicolon"]);
    assert_eq!(errors_of("data { real x real y; }"), ["1:15 missing_semicolon"]);
}

#[test]
fn messages_say_what_is_expected_and_what_is_found() {
    assert_eq!(first("model { x = 1 + ; }").message, "expected an expression, found `;`");
    assert_eq!(first("model { x = (1 + 2; }").message, "expected `)` or `,`, found `;`");
    assert_eq!(first("model { x = f(1 2); }").message, "expected `)` or `|`, found `2`");
    assert_eq!(first("model { if x > 1; }").message, "expected `(`, found `x`");
    assert_eq!(first("model { for (i 1:2) ; }").message, "expected `in`, found `1`");
    assert_eq!(first("model { ) }").message, "expected `}` or a statement, found `)`");
    assert_eq!(first("model { x = a ? b; }").message, "expected `:`, found `;`");
    assert_eq!(first("model { y ~ ; }").message, "expected a name, found `;`");
    assert_eq!(first("functions { foo }").message, "expected `}` or a type, found `foo`");
}

#[test]
fn an_open_bracket_is_pointed_at() {
    let parsed = parse_program("model {\n  x = f(1,\n    (2);\n}");
    let error = &parsed.diagnostics[0];
    assert_eq!(places(&parsed), ["3:8 unexpected"]);
    assert_eq!(parsed.sources.text(error.secondary[0].span), "(");
    assert_eq!(parsed.sources.position(error.secondary[0].span).line, 2);
}

#[test]
fn an_open_brace_is_pointed_at_from_the_end() {
    let parsed = parse_program("model {\n  {\n    x = 1;\n}\n");
    assert_eq!(places(&parsed), ["5:1 unexpected_end"]);
    assert_eq!(parsed.sources.position(parsed.diagnostics[0].secondary[0].span).line, 1);
}

#[test]
fn help_offers_an_edit_where_the_mistake_is_known() {
    let help = |text| first(text).help.unwrap_or_default();
    assert_eq!(help("model { x <- 1; }"), "assign with `=`");
    assert_eq!(
        help("data { real x, int y; }"),
        "variables that share a declaration share its type: begin a new one after a `;`"
    );
    assert_eq!(help("model { for (int i in 1:2) ; }"), "a loop declares its variable by itself, without a type");
    assert_eq!(
        help("functions { real f(real[,] x); }"),
        "arrays are written `array[] real`, with a comma for each further dimension"
    );
    assert_eq!(help("data { vector x; }"), "write `vector[n]`");
    assert_eq!(help("model { vector<lower=0>[2] x; }"), "write `vector` without a constraint");
    assert_eq!(help("data { int<lower=0 < 1> x; }"), "put the expression into parentheses");
    assert_eq!(help("model { x = 1; # comment\n }"), "comments begin with `//`");
    assert_eq!(help("data { real x = 1; }"), "variables with values belong into the `transformed data` block");
}

#[test]
fn misspelt_words_are_recognized() {
    let help = |text| first(text).help.unwrap_or_default();
    assert_eq!(help("modle { }"), "did you mean `model`?");
    assert_eq!(help("data { } paramters { }"), "did you mean `parameters`?");
    assert_eq!(help("transformed_data { }"), "did you mean `transformed data`?");
    assert_eq!(help("data { rael x; }"), "did you mean `real`?");
    assert_eq!(help("data { real x; vecotr[3] y; }"), "did you mean `vector`?");
    assert_eq!(help("model { rael x; }"), "did you mean `real`?");
    assert_eq!(help("functions { viod f() { } }"), "did you mean `void`?");
    assert_eq!(help("model { y x; }"), "");
}

#[test]
fn removed_forms_stay_errors() {
    assert_eq!(errors_of("model { x <- 1; }"), ["1:15 arrow_assignment"]);
    assert_eq!(errors_of("functions { real f(real[] x) { } }"), ["1:24 sizes_in_signature"]);
    assert_eq!(errors_of("model { # comment\n }"), ["1:9 invalid_character"]);
}

#[test]
fn an_else_needs_its_if() {
    assert_eq!(errors_of("model { else x = 1; }"), ["1:9 else_without_if"]);
    assert_eq!(errors_of("model { if (a) x = 1; y = 2; else z = 3; }"), ["1:30 else_without_if"]);
}

#[test]
fn several_mistakes_are_all_reported() {
    let text = "\
data {
  int N
  real x[];
  vector y;
}
parameters {
  real mu;
  real<lower=0 sigma;
}
model {
  mu ~ normal(0, 1;
  for (i in 1:) { x[i] ~ normal(mu, sigma; }
  if (a > ) mu = 1; else mu = ;
  while (1) sigma += 2 2;
  y ~ normal(mu, sigma);
}
generated quantities {
  real z = mu +;
}
";
    assert_eq!(
        errors_of(text),
        [
            "3:3 missing_semicolon",
            "4:10 missing_size",
            "8:16 unexpected",
            "11:19 unexpected",
            "12:15 unexpected",
            "12:42 unexpected",
            "13:11 unexpected",
            "13:31 unexpected",
            "14:24 unexpected",
            "18:16 unexpected",
        ]
    );
}

#[test]
fn a_wrong_definition_is_left_out_as_a_whole() {
    let text = "functions {\n  real f(real) { return 1; }\n  real g() { return ; ; }\n  real h( { return 2 }\n}\nmodel { x = ; }";
    assert_eq!(errors_of(text), ["2:14 unexpected", "4:11 unexpected", "6:13 unexpected"]);
}

#[test]
fn errors_come_in_the_order_of_the_text() {
    assert_eq!(
        errors_of("model {\n  f() = 1;\n  x = ;\n  (a) = 2;\n  y = ;\n}"),
        ["2:3 not_assignable", "3:7 unexpected", "4:3 not_assignable", "5:7 unexpected"]
    );
}

#[test]
fn a_missing_brace_does_not_make_up_more_errors() {
    assert_eq!(errors_of("transformed data {\n  real x = 1;\nmodel {\n  x ~ n();\n}\n"), ["3:1 unexpected"]);
    assert_eq!(errors_of("model {\n  for (i in 1:2) {\n    x = ;\n}\n"), ["3:9 unexpected"]);
    assert_eq!(errors_of("model { } }"), ["1:11 misplaced_block"]);
    assert_eq!(errors_of("model {\n for (i in 1:2)\n}\ngenerated quantities { }"), ["3:1 unexpected"]);
    assert_eq!(errors_of("model { while (1) void }"), ["1:19 unexpected"]);
}

#[test]
fn no_more_than_twenty_errors_are_reported() {
    let text = format!("model {{ {} }}", "x = ;\n".repeat(100));
    assert_eq!(errors_of(&text).len(), 20);
}
