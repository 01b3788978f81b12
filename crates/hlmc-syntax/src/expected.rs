//! What the grammar would have taken, in the user's words.

use crate::grammar::Rule;

/// A few words for what would have been taken, such as "`;` or `=`"; none when there is nothing to say.
pub(crate) fn describe_expected(rules: &[Rule]) -> Option<String> {
    let mut words: Vec<&'static str> = Vec::new();
    for &rule in rules {
        if let Some(word) = describe(rule)
            && !words.contains(&word)
        {
            words.push(word);
        }
    }
    let at_statement = rules.contains(&Rule::kw_if) || rules.contains(&Rule::if_statement);
    if at_statement {
        words.retain(|word| ["`}`", "`else`"].contains(word));
        words.push(STATEMENT);
    }
    let after_value = rules.contains(&Rule::binary_op) || rules.contains(&Rule::arithmetic_op);
    if after_value {
        // Wherever a value ends it may go on: that says nothing where something else is due.
        let mut due = words.clone();
        due.retain(|word| ![OPERATOR, INDEX, CALL, "`[`", "`(`"].contains(word));
        words = if due.is_empty() { vec![OPERATOR] } else { due };
    }
    // A comma more is seldom what was forgotten.
    if words.len() > 2 {
        words.retain(|&word| word != "`,`");
    }
    words.sort_by_key(|&word| (!word.starts_with('`'), word == "`,`"));
    let (last, others) = words.split_last()?;
    if others.is_empty() { Some((*last).to_owned()) } else { Some(format!("{} or {last}", others.join(", "))) }
}

const OPERATOR: &str = "an operator";
const INDEX: &str = "an index";
const CALL: &str = "arguments";
const EXPRESSION: &str = "an expression";
const STATEMENT: &str = "a statement";
const TYPE: &str = "a type";

fn describe(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::expression
        | Rule::constraint_expression
        | Rule::common_expression
        | Rule::prefix_op
        | Rule::number
        | Rule::name_or_call
        | Rule::target_call
        | Rule::parenthesized
        | Rule::array_literal
        | Rule::row_vector_literal
        | Rule::arguments
        | Rule::truncation_lower
        | Rule::truncation_upper => EXPRESSION,
        Rule::binary_op | Rule::arithmetic_op | Rule::transpose | Rule::question => OPERATOR,
        Rule::indices | Rule::projection => INDEX,
        Rule::call => CALL,
        Rule::assign_op | Rule::assign => "`=`",
        Rule::if_statement
        | Rule::while_statement
        | Rule::for_statement
        | Rule::profile_statement
        | Rule::break_statement
        | Rule::continue_statement
        | Rule::return_statement
        | Rule::target_statement
        | Rule::jacobian_statement
        | Rule::print_statement
        | Rule::reject_statement
        | Rule::fatal_error_statement
        | Rule::assignment
        | Rule::call_statement
        | Rule::tilde_statement
        | Rule::empty_statement => STATEMENT,
        Rule::block | Rule::lbrace => "`{`",
        Rule::pure_declaration | Rule::top_declaration | Rule::local_declaration => "a declaration",
        Rule::top_type | Rule::local_type | Rule::unsized_type | Rule::return_type => TYPE,
        Rule::top_base | Rule::local_base | Rule::unsized_base => TYPE,
        Rule::top_tuple | Rule::local_tuple | Rule::unsized_tuple => TYPE,
        Rule::kw_void | Rule::kw_array | Rule::kw_tuple | Rule::kw_int | Rule::scalar_word => TYPE,
        Rule::vector_word | Rule::matrix_word | Rule::one_size_word | Rule::two_sizes_word => TYPE,
        Rule::kw_cholesky_factor_cov => TYPE,
        Rule::function_definition => "a function definition",
        Rule::parameters | Rule::parameter => "a parameter",
        Rule::identifier | Rule::declarator | Rule::pure_declarator => "a name",
        Rule::old_dims | Rule::lbracket | Rule::array_dims | Rule::unsized_dims => "`[`",
        Rule::rbracket => "`]`",
        Rule::lparen => "`(`",
        Rule::rparen => "`)`",
        Rule::rbrace => "`}`",
        Rule::bounds | Rule::constraint | Rule::langle => "`<`",
        Rule::rangle => "`>`",
        Rule::comma => "`,`",
        Rule::semicolon => "`;`",
        Rule::colon => "`:`",
        Rule::bar => "`|`",
        Rule::tilde => "`~`",
        Rule::plus_assign => "`+=`",
        Rule::string => "a text in quotes",
        Rule::truncation | Rule::truncation_mark => "a truncation `T[ , ]`",
        Rule::lower_bound | Rule::kw_lower => "`lower`",
        Rule::upper_bound | Rule::kw_upper => "`upper`",
        Rule::offset | Rule::kw_offset => "`offset`",
        Rule::multiplier | Rule::kw_multiplier => "`multiplier`",
        Rule::functions_block | Rule::kw_functions => "`functions`",
        Rule::data_block | Rule::kw_data => "`data`",
        Rule::transformed_data_block | Rule::kw_transformed_data => "`transformed data`",
        Rule::parameters_block | Rule::kw_parameters => "`parameters`",
        Rule::transformed_parameters_block | Rule::kw_transformed_parameters => "`transformed parameters`",
        Rule::model_block | Rule::kw_model => "`model`",
        Rule::generated_quantities_block | Rule::kw_generated_quantities => "`generated quantities`",
        Rule::EOI => "the end of the text",
        Rule::kw_in => "`in`",
        Rule::kw_else => "`else`",
        _ => return None,
    })
}
