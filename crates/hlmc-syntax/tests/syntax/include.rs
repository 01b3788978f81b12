//! `#include`.

use std::collections::BTreeMap;

use hlmc_syntax::{IncludeError, IncludeResolver, Included, Mode, Parsed, parse};

use crate::{messages, sexpr};

fn parse_with(text: &str, files: &[(&str, &str)]) -> Parsed {
    let mut files: BTreeMap<String, String> =
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    parse(text, "main.stan", Mode::Program, &mut files)
}

/// `file:line:column code` of each error.
fn places(parsed: &Parsed) -> Vec<String> {
    let names = parsed.diagnostics.iter().map(|diagnostic| parsed.sources.name(diagnostic.primary.span.file));
    names.zip(crate::places(parsed)).map(|(name, place)| format!("{name}:{place}")).collect()
}

#[test]
fn a_name_is_bare_or_in_quotes_or_in_angle_brackets() {
    for directive in ["#include a.stan", "#include \"a.stan\"", "#include <a.stan>", "#include\n\n \"a.stan\""] {
        let parsed = parse_with(&format!("model {{\n{directive}\n}}"), &[("a.stan", "x = 1;")]);
        assert_eq!(messages(&parsed), Vec::<String>::new(), "{directive}");
        assert_eq!(sexpr::program(&parsed.program.expect("a program")), "model\n  (= x 1)\n");
    }
    let parsed = parse_with("model {\n#include \"a b.stan\"\n}", &[("a b.stan", "x = 1;")]);
    assert!(parsed.program.is_some());
}

#[test]
fn an_include_may_stand_in_the_middle_of_a_statement() {
    let parsed = parse_with("model { x =\n#include a\n+ 1; }", &[("a", "2 *\n#include b\n"), ("b", "3 // three")]);
    assert_eq!(sexpr::program(&parsed.program.expect("a program")), "model\n  (= x (+ (* 2 3) 1))\n");
}

#[test]
fn no_token_reaches_over_the_edge_of_a_file() {
    let parsed = parse_with("model { x = a\n#include b\n; }", &[("b", "b")]);
    assert_eq!(places(&parsed), ["b:1:1 missing_semicolon"]);
    let parsed = parse_with("model { x =\n#include a\n1; */ }", &[("a", "1 /* open")]);
    assert_eq!(places(&parsed), ["a:1:10 unclosed_comment"]);
}

#[test]
fn an_include_in_a_comment_or_a_text_is_none() {
    let text = "// #include a\nmodel { /* #include b */ print(\"#include c\"); }";
    assert_eq!(messages(&parse_with(text, &[])), Vec::<String>::new());
}

#[test]
fn places_in_included_files_carry_their_chain() {
    let parsed = parse_with("model {\n  #include a\n}", &[("a", "\n #include b"), ("b", "x = 1;\n  y = ;")]);
    assert_eq!(places(&parsed), ["b:2:7 unexpected"]);
    let chain = parsed.sources.include_chain(parsed.diagnostics[0].primary.span.file);
    let chain: Vec<(&str, u32)> =
        chain.iter().map(|&span| (parsed.sources.name(span.file), parsed.sources.position(span).line)).collect();
    assert_eq!(chain, [("a", 2), ("main.stan", 2)]);
}

#[test]
fn places_after_an_include_are_right() {
    let parsed = parse_with("model {\n#include a\nx = 1; #include a\n y = ; }", &[("a", "z = 1;\n\n")]);
    assert_eq!(places(&parsed), ["main.stan:4:6 unexpected"]);
}

#[test]
fn spans_over_the_edge_of_a_file_widen_to_the_include() {
    let parsed = parse_with("model { x = (\n#include a\n); }", &[("a", "1 + 2")]);
    let stmts = parsed.program.expect("a program").model.expect("a model").stmts;
    assert_eq!(parsed.sources.text(stmts[0].span), "x = (\n#include a\n);");
    let hlmc_syntax::ast::StmtKind::Assignment { value, .. } = &stmts[0].kind else { panic!("no assignment") };
    let hlmc_syntax::ast::ExprKind::Paren(inner) = &value.kind else { panic!("no parentheses") };
    assert_eq!(parsed.sources.text(inner.span), "1 + 2");
    assert_eq!(parsed.sources.name(inner.span.file), "a");
    let parsed = parse_with("model { x = 0 +\n#include a\n; }", &[("a", "1 + 2")]);
    let stmts = parsed.program.expect("a program").model.expect("a model").stmts;
    let hlmc_syntax::ast::StmtKind::Assignment { value, .. } = &stmts[0].kind else { panic!("no assignment") };
    assert_eq!(parsed.sources.text(value.span), "0 +\n#include a");
}

#[test]
fn a_file_that_is_not_there_is_an_error_at_its_include() {
    let parsed = parse_with("model {\n  x = 1;\n  #include nothing\n  y = ;\n}", &[("a", "")]);
    assert_eq!(places(&parsed)[0], "main.stan:3:3 include_not_found");
    assert!(parsed.diagnostics[0].message.contains("`nothing`"));
    // A mistake before it comes first, as the text is read.
    let parsed = parse_with("model {\n  x = ;\n  #include nothing\n}", &[]);
    assert_eq!(places(&parsed), ["main.stan:2:7 unexpected", "main.stan:3:3 include_not_found"]);
}

#[test]
fn an_unreadable_file_is_an_error_with_its_reason() {
    struct Locked;
    impl IncludeResolver for Locked {
        fn resolve(&mut self, name: &str) -> Result<Included, IncludeError> {
            Err(IncludeError::Unreadable { name: format!("dir/{name}"), reason: "permission denied".to_owned() })
        }
    }
    let parsed = parse("#include a.stan", "main.stan", Mode::Program, &mut Locked);
    assert_eq!(messages(&parsed), ["cannot read `dir/a.stan`: permission denied"]);
}

#[test]
fn recursion_is_an_error_in_the_included_file() {
    let parsed = parse_with("#include a\nmodel { }", &[("a", "\n#include a")]);
    assert_eq!(places(&parsed), ["a:2:1 recursive_include"]);
    let parsed = parse_with("#include a\nmodel { }", &[("a", "#include b"), ("b", "\n\n#include a")]);
    assert_eq!(places(&parsed), ["a:1:1 recursive_include"]);
    let parsed = parse_with("#include main.stan", &[("main.stan", "#include main.stan")]);
    assert_eq!(places(&parsed), ["main.stan:1:1 recursive_include"]);
}

#[test]
fn a_file_may_be_included_twice_but_functions_count_once() {
    let parsed = parse_with("model {\n#include a\n#include a\n}", &[("a", "x = 1;")]);
    assert_eq!(parsed.program.expect("a program").model.expect("a model").stmts.len(), 2);
    let text = "functions {\n#include f.stanfunctions\n#include f.stanfunctions\n}";
    let parsed = parse_with(text, &[("f.stanfunctions", "real f();")]);
    assert_eq!(parsed.program.expect("a program").functions.expect("functions").definitions.len(), 1);
}

#[test]
fn doubling_includes_end_in_an_error() {
    let files: Vec<(String, String)> = (0..40)
        .map(|i| (format!("f{i}"), format!("// {}\n#include f{}\n#include f{}\n", "x".repeat(1 << 16), i + 1, i + 1)))
        .collect();
    let mut files: BTreeMap<String, String> = files.into_iter().collect();
    let parsed = parse("#include f0", "main.stan", Mode::Program, &mut files);
    assert!(parsed.program.is_none());
}
