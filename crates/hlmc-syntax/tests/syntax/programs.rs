//! Blocks and files.

use crate::{errors_of, messages, parse_program, places, program, sexpr};
use hlmc_syntax::{FileId, Mode, NoIncludes, Severity, parse};

const ALL_BLOCKS: &str = "functions { } data { } transformed data { } parameters { } transformed parameters { } \
                          model { } generated quantities { }";

#[test]
fn every_block_is_optional() {
    program(ALL_BLOCKS);
    for block in ["functions", "data", "transformed data", "parameters", "transformed parameters", "model"] {
        program(&format!("{block} {{ }}"));
        program(&ALL_BLOCKS.replacen(&format!("{block} {{ }}"), "", 1));
    }
}

#[test]
fn an_empty_program_is_a_program_with_a_warning() {
    for text in ["", " \n", "// nothing\n"] {
        let parsed = parse_program(text);
        assert!(parsed.program.is_some());
        assert_eq!(places(&parsed), ["1:1 empty_program"]);
        assert_eq!(parsed.diagnostics[0].severity, Severity::Warning);
    }
}

#[test]
fn blocks_have_an_order() {
    assert_eq!(errors_of("model { } data { }"), ["1:11 misplaced_block"]);
    assert_eq!(errors_of("data { } data { }"), ["1:10 misplaced_block"]);
    assert_eq!(
        errors_of("model { }\nmodel { x = ; }\ngenerated quantities { y = ; }"),
        ["2:1 misplaced_block", "3:28 unexpected"]
    );
    assert_eq!(errors_of("model { } x"), ["1:11 misplaced_block"]);
    assert_eq!(errors_of("transformed { }"), ["1:1 misplaced_block"]);
    assert_eq!(errors_of("model x = 1;"), ["1:7 unexpected"]);
}

#[test]
fn declarations_and_statements_mix_where_both_are_allowed() {
    let text = "transformed data { x = 1; real y; } model { x = 1; real y; }";
    assert_eq!(
        sexpr::program(&program(text)),
        "transformed data\n  (= x 1)\n  (let real y)\nmodel\n  (= x 1)\n  (let real y)\n"
    );
}

#[test]
fn data_and_parameters_hold_declarations_only() {
    assert_eq!(errors_of("data { x = 1; }"), ["1:8 declarations_only"]);
    assert_eq!(errors_of("parameters { real x; x ~ n(); }"), ["1:22 declarations_only"]);
    assert_eq!(errors_of("data { { } }"), ["1:8 declarations_only"]);
}

#[test]
fn blocks_span_from_their_keyword_to_their_brace() {
    let parsed = parse_program("/* a */ transformed data { real x; } // b");
    let program = parsed.program.expect("a program");
    let block = program.transformed_data.expect("a block");
    assert_eq!(parsed.sources.text(block.span), "transformed data { real x; }");
    assert_eq!(program.span.file, FileId::MAIN);
}

#[test]
fn files_of_functions_hold_bare_definitions() {
    let parse = |text| parse(text, "f.stanfunctions", Mode::of_file("f.stanfunctions"), &mut NoIncludes);
    let parsed = parse("real f(real x) { return x; }\nvoid g();");
    assert_eq!(messages(&parsed), Vec::<String>::new());
    let functions = parsed.program.expect("functions").functions.expect("functions");
    let texts: Vec<String> = functions.definitions.iter().map(sexpr::function).collect();
    assert_eq!(texts, ["(fun real f (real x) (do (return x)))", "(fun void g)"]);
    assert_eq!(places(&parse("functions { }")), ["1:1 unexpected"]);
    assert_eq!(
        places(&parse("real f() { x = ; }\nreal g(real) { }\nreal h(;")),
        ["1:16 unexpected", "2:12 unexpected", "3:8 unexpected"]
    );
}

#[test]
fn a_definition_has_a_body_or_a_semicolon() {
    assert_eq!(errors_of("functions { real f() return 1; }"), ["1:22 unexpected"]);
    assert_eq!(errors_of("functions { real f }"), ["1:20 unexpected"]);
    assert_eq!(errors_of("functions { real f(); ; }"), ["1:23 unexpected"]);
}
