//! Names, words of the language, comments, texts and line ends.

use crate::{errors_of, expr, parse_program, places, program, stmt};

/// Every word that cannot be a name: types, blocks, constraints and statements.
const RESERVED: [&str; 46] = [
    "functions",
    "data",
    "parameters",
    "model",
    "return",
    "if",
    "else",
    "while",
    "for",
    "in",
    "break",
    "continue",
    "void",
    "int",
    "real",
    "complex",
    "vector",
    "row_vector",
    "matrix",
    "complex_vector",
    "complex_row_vector",
    "complex_matrix",
    "ordered",
    "positive_ordered",
    "simplex",
    "unit_vector",
    "sum_to_zero_vector",
    "sum_to_zero_matrix",
    "cholesky_factor_corr",
    "cholesky_factor_cov",
    "corr_matrix",
    "cov_matrix",
    "column_stochastic_matrix",
    "row_stochastic_matrix",
    "print",
    "reject",
    "fatal_error",
    "target",
    "jacobian",
    "profile",
    "tuple",
    "offset",
    "multiplier",
    "lower",
    "upper",
    "array",
];

#[test]
fn reserved_words_are_no_names() {
    for word in RESERVED {
        assert_eq!(errors_of(&format!("data {{ real {word}; }}")), ["1:13 reserved_word"], "{word}");
        assert_eq!(errors_of(&format!("model {{ real x, {word}; }}")), ["1:17 reserved_word"], "{word}");
        assert_eq!(errors_of(&format!("model {{ for ({word} in 1:2) ; }}")), ["1:14 reserved_word"], "{word}");
        assert_eq!(errors_of(&format!("functions {{ real {word}(); }}")), ["1:18 reserved_word"], "{word}");
        assert_eq!(errors_of(&format!("functions {{ real f(real {word}); }}")), ["1:25 reserved_word"], "{word}");
    }
}

#[test]
fn reserved_words_are_no_values() {
    for word in RESERVED {
        let errors = errors_of(&format!("model {{ x = {word}; }}"));
        // `target()` is one.
        let column = if word == "target" { "1:19" } else { "1:13" };
        assert_eq!(errors, [format!("{column} unexpected")], "{word}");
    }
}

#[test]
fn names_may_begin_with_a_reserved_word() {
    for word in RESERVED {
        for name in [format!("{word}s"), format!("{word}_"), format!("{word}1"), word.to_uppercase()] {
            assert_eq!(stmt(&format!("real {name} = {name};")), format!("(let real (= {name} {name}))"));
        }
    }
}

#[test]
fn these_are_names() {
    for name in ["T", "TT", "generated", "quantities", "transformed", "x__", "A1_b", "i", "e1", "normal", "repeat"] {
        assert_eq!(stmt(&format!("real {name};")), format!("(let real {name})"));
        assert_eq!(expr(name), name);
    }
}

#[test]
fn names_consist_of_ascii_letters_digits_and_underscores() {
    assert_eq!(errors_of("data { real _x; }"), ["1:13 invalid_character"]);
    assert_eq!(errors_of("data { real x\u{e4}; }"), ["1:14 invalid_character"]);
    assert_eq!(errors_of("data { real \u{3b1}; }"), ["1:13 invalid_character"]);
    assert_eq!(errors_of("data { real x.y; }"), ["1:14 invalid_character"]);
    assert_eq!(errors_of("model { x = 1x; }"), ["1:14 unexpected"]);
    assert_eq!(errors_of("\u{feff}data { }"), ["1:1 invalid_character"]);
}

#[test]
fn any_character_may_stand_in_comments_and_texts() {
    let text = "// \u{e4}\u{3b1}\u{1f331}\nmodel { /* \u{1f331} */ print(\"\u{1f331} \\n\"); }";
    let program = program(text);
    assert_eq!(crate::sexpr::program(&program), "model\n  (print \"\u{1f331} \\\\n\")\n");
}

#[test]
fn columns_count_characters() {
    assert_eq!(errors_of("model { /* \u{1f331}\u{e4} */ x = ; }"), ["1:22 unexpected"]);
}

#[test]
fn texts_end_in_their_line() {
    assert_eq!(errors_of("model { print(\"a\n\"); }"), ["1:15 invalid_character"]);
    assert_eq!(errors_of("model { print(\"a); }"), ["1:15 invalid_character"]);
}

#[test]
fn hash_signs_are_no_comments() {
    assert_eq!(errors_of("model {\n  # a comment\n  x = 1;\n}"), ["2:3 invalid_character"]);
    assert_eq!(errors_of("model { x = 1; # a comment\n  y = ; }"), ["1:16 invalid_character", "2:7 unexpected"]);
}

#[test]
fn block_comments_end_at_the_first_end_and_must_end() {
    program("/* /* */ model { }");
    program("/**/ model { } /***/");
    program("// /*\nmodel { }");
    let parsed = parse_program("model { }\n/* open\n\n");
    assert_eq!(places(&parsed), ["4:1 unclosed_comment"]);
    assert_eq!(parsed.sources.position(parsed.diagnostics[0].secondary[0].span).line, 2);
    assert_eq!(errors_of("model { x = /*/ 1; }"), ["1:21 unclosed_comment"]);
    assert_eq!(errors_of("model { x = 1 /* ; }"), ["1:21 unclosed_comment"]);
}

#[test]
fn lines_end_at_newlines_and_carriage_returns() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["model {", "  // comment", "  x = 1;", "  y = ;", "}"].join(end);
        assert_eq!(errors_of(&text), ["4:7 unexpected"], "{end:?}");
    }
}

#[test]
fn the_two_words_of_a_block_stand_in_one_line() {
    program("transformed \t data { } generated\x0Cquantities { }");
    assert_eq!(errors_of("transformed\ndata { }"), ["1:1 misplaced_block"]);
    assert_eq!(errors_of("transformed/**/data { }"), ["1:1 misplaced_block"]);
}

#[test]
fn operators_are_read_as_long_as_they_can_be() {
    assert_eq!(stmt("x+=1;"), "(+= x 1)");
    assert_eq!(stmt("x.*=y;"), "(.*= x y)");
    assert_eq!(expr("a%/%b"), "(%/% a b)");
    assert_eq!(expr("a<-b"), "(< a (- b))");
    assert_eq!(errors_of("model { x = a+=b; }"), ["1:14 unexpected"]);
    assert_eq!(errors_of("model { x == 1; }"), ["1:15 unexpected"]);
}
