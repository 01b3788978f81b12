//! The table of `hlmc explain`: a line a statement, with what became of it and what it costs.

use console::Style;
use hlmc_check::ir::Block;
use hlmc_engine::explain::{LoopForm, Outcome, Rewritten, Statement, Work};
use hlmc_syntax::SourceMap;
use serde_json::{Value, json};

use super::Look;

/// Statements longer than this are shown in part.
const MAX_STATEMENT_WIDTH: usize = 46;

/// The width of what became of statements that is always there.
const MIN_OUTCOME_WIDTH: usize = 24;

/// Columns of a level of statements within each other, and the most levels that are shown as such.
const INDENT: usize = 2;
const MAX_INDENTED: usize = 8;

/// Widths of the columns of numbers.
const LINE_WIDTH: usize = 4;
const NS_WIDTH: usize = 9;
const SHARE_WIDTH: usize = 5;

/// Shares below this are within what the clock can tell.
const SMALLEST_SHARE: f64 = 0.005;

/// Facts of a model as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// What runs: machine code or the interpreter.
    pub runs: &'static str,
    /// The number of unconstrained coordinates.
    pub n_coordinates: usize,
}

/// What the statements cost, in nanoseconds of a gradient.
#[derive(Clone, Debug)]
pub struct Costs {
    /// What is there without any statement.
    call: f64,
    /// Each statement's share.
    each: Vec<f64>,
    ready_ms: f64,
}

impl Costs {
    /// From the times of the density as far as the first 0, 1, ... statements make it. More statements take no less time,
    /// so where the measured times say otherwise, those that contradict each other are averaged (isotonic regression, by
    /// pooling adjacent violators).
    #[must_use]
    pub fn new(up_to: Vec<f64>, ready_ms: f64) -> Costs {
        let mut pools: Vec<(f64, usize)> = Vec::with_capacity(up_to.len());
        for time in up_to {
            let mut pool = (time, 1);
            while let Some((mean, n)) = pools.pop_if(|(mean, _)| *mean > pool.0) {
                pool = ((mean * n as f64 + pool.0 * pool.1 as f64) / (n + pool.1) as f64, n + pool.1);
            }
            pools.push(pool);
        }
        let up_to: Vec<f64> = pools.into_iter().flat_map(|(mean, n)| std::iter::repeat_n(mean, n)).collect();
        let each = up_to.windows(2).map(|pair| pair[1] - pair[0]).collect();
        Costs { call: up_to.first().copied().unwrap_or(0.0), each, ready_ms }
    }

    fn total(&self) -> f64 {
        self.call + self.each.iter().sum::<f64>()
    }

    fn of(&self, statement: usize) -> f64 {
        self.each.get(statement).copied().unwrap_or(0.0)
    }
}

/// The table, and what its numbers mean.
pub fn render_explanation(
    statements: &[Statement],
    sources: &SourceMap,
    facts: Facts,
    costs: Option<&Costs>,
    look: Look,
) -> String {
    let shown: Vec<String> = statements.iter().map(|statement| excerpt(statement, sources)).collect();
    let longest = shown.iter().map(|text| text.chars().count()).max().unwrap_or(0);
    let numbers = if costs.is_some() { NS_WIDTH + SHARE_WIDTH + 2 } else { 0 };
    let statement = longest.min(MAX_STATEMENT_WIDTH).max("statement".len());
    let outcome = look.width.saturating_sub(LINE_WIDTH + statement + numbers + 4).max(MIN_OUTCOME_WIDTH);
    let table = Table { statement, outcome, costs, look };
    let mut out = table.titles();
    let mut block = None;
    for (i, (entry, text)) in statements.iter().zip(&shown).enumerate() {
        if block.replace(entry.block) != Some(entry.block) {
            out.push_str(&table.block(entry.block));
        }
        out.push_str(&table.row(i, entry, text, sources));
    }
    out.push_str(&table.end(facts));
    out
}

/// The same as data.
pub fn explanation_json(statements: &[Statement], sources: &SourceMap, facts: Facts, costs: Option<&Costs>) -> Value {
    let rows = statements.iter().enumerate().map(|(i, statement)| {
        let rewrites = statement.rewrites.iter();
        let mut row = json!({
            "block": block_name(statement.block),
            "file": sources.name(statement.span.file),
            "line": sources.position(statement.span).line,
            "text": first_line(statement, sources),
            "depth": statement.depth,
            "outcome": outcome_name(statement.outcome),
            "became": phrases(statement, sources),
            "rewrites": rewrites.map(|done| json!({"name": done.rewrite, "from": done.from, "to": done.to})).collect::<Value>(),
            "shares_with": statement.shares_with.iter().map(|span| sources.position(*span).line).collect::<Vec<_>>(),
        });
        if let (Some(costs), Some(row)) = (costs, row.as_object_mut()) {
            row.insert("ns".to_owned(), costs.of(i).into());
        }
        row
    });
    let mut object = json!({
        "engine": "native",
        "runs": facts.runs,
        "n_coordinates": facts.n_coordinates,
        "statements": rows.collect::<Value>(),
    });
    if let (Some(costs), Some(object)) = (costs, object.as_object_mut()) {
        object.insert("ns_of_a_call".to_owned(), costs.call.into());
        object.insert("ns".to_owned(), costs.total().into());
        object.insert("ready_ms".to_owned(), costs.ready_ms.into());
    }
    object
}

struct Table<'a> {
    statement: usize,
    outcome: usize,
    costs: Option<&'a Costs>,
    look: Look,
}

impl Table<'_> {
    fn style(&self, style: Style) -> Style {
        style.force_styling(self.look.colour)
    }

    fn titles(&self) -> String {
        let (statement, outcome) = (self.statement, self.outcome);
        let mut line = format!("{:>LINE_WIDTH$}  {:<statement$}  ", "line", "statement");
        match self.costs {
            Some(_) => line.push_str(&format!("{:<outcome$} {:>NS_WIDTH$} {:>SHARE_WIDTH$}", "became", "ns", "share")),
            None => line.push_str("became"),
        }
        format!("{}\n", self.style(Style::new().bold()).apply_to(line))
    }

    fn block(&self, block: Block) -> String {
        let name = self.style(Style::new().cyan()).apply_to(block_name(block));
        format!("{:>LINE_WIDTH$}  {name}\n", "")
    }

    fn row(&self, number: usize, entry: &Statement, text: &str, sources: &SourceMap) -> String {
        let (statement, outcome) = (self.statement, self.outcome);
        let line = sources.position(entry.span).line;
        let text = clip(text, statement);
        let mut lines = wrap(&phrases(entry, sources), outcome).into_iter();
        let first = lines.next().unwrap_or_default();
        let mut row = format!("{line:>LINE_WIDTH$}  {text:<statement$}  {first:<outcome$}");
        if let Some(costs) = self.costs
            && !entry.work.is_empty()
        {
            row.push_str(&self.numbers(costs.of(number), costs.total()));
        }
        let mut out = format!("{}\n", row.trim_end());
        for line in lines {
            out.push_str(&format!("{:indent$}{line}\n", "", indent = LINE_WIDTH + statement + 4));
        }
        out
    }

    fn numbers(&self, ns: f64, total: f64) -> String {
        let share = ns / total;
        let (ns, share) = if share < SMALLEST_SHARE {
            ("-".to_owned(), String::new())
        } else {
            (format!("{ns:.0}"), format!("{:.0}%", 100.0 * share))
        };
        format!(" {ns:>NS_WIDTH$} {share:>SHARE_WIDTH$}")
    }

    fn end(&self, facts: Facts) -> String {
        let (statement, outcome) = (self.statement, self.outcome);
        let mut out = String::new();
        if let Some(costs) = self.costs {
            for (name, ns) in [("every call", costs.call), ("gradient", costs.total())] {
                let numbers = self.numbers(ns, costs.total());
                let line = format!("{:>LINE_WIDTH$}  {name:<statement$}  {:<outcome$}{numbers}", "", "");
                out.push_str(&format!("{}\n", self.style(Style::new().bold()).apply_to(line)));
            }
        }
        let plural = if facts.n_coordinates == 1 { "" } else { "s" };
        let (runs, n) = (facts.runs, facts.n_coordinates);
        match self.costs {
            Some(costs) => {
                let ready = costs.ready_ms;
                out.push_str(&format!("\nEngine: native, {runs}; {n} coordinate{plural}; ready in {ready:.1} ms.\n"));
                out.push_str(CAVEAT);
            }
            None => out.push_str(&format!("\nEngine: native, {runs}; {n} coordinate{plural}.\n")),
        }
        out
    }
}

/// What the times are.
const CAVEAT: &str = "Times are differences between programs that end after the statement and before it: what several\n  \
                      statements share is the first one's. A dash is what the clock cannot tell from nothing.\n";

/// What became of a statement, part by part.
fn phrases(statement: &Statement, sources: &SourceMap) -> Vec<String> {
    let mut phrases = Vec::new();
    if statement.n_coordinates > 0 {
        phrases.push(counted(statement.n_coordinates, "coordinate"));
    }
    match (statement.outcome, statement.loop_form) {
        (Outcome::Computed, Some(form)) => phrases.push(loop_phrase(form)),
        (Outcome::Computed | Outcome::Shared, _) => {}
        (Outcome::Known, _) => phrases.push("known from the data, computed once".to_owned()),
        (Outcome::NotReached, _) => phrases.push("not reached with these data".to_owned()),
        (Outcome::NotNeeded, _) => phrases.push("not needed for the density".to_owned()),
        (Outcome::InScan, _) => phrases.push("in the scan".to_owned()),
        (Outcome::Absorbed, _) => phrases.push("part of what uses it".to_owned()),
    }
    let is_scan = matches!(statement.loop_form, Some(LoopForm::Scan(_)));
    let work = statement.work.iter().filter(|work| !(is_scan && matches!(work, Work::Scan { .. })));
    phrases.extend(work.map(work_phrase));
    phrases.extend(statement.rewrites.iter().map(rewrite_phrase));
    let own = sources.position(statement.span).line;
    let mut lines: Vec<u32> = statement.shares_with.iter().map(|span| sources.position(*span).line).collect();
    lines.retain(|line| *line != own);
    lines.dedup();
    if !lines.is_empty() {
        let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
        let plural = if lines.len() == 1 { "" } else { "s" };
        phrases.push(format!("shares with line{plural} {}", lines.join(", ")));
    }
    phrases
}

fn loop_phrase(form: LoopForm) -> String {
    match form {
        LoopForm::Map(turns) => format!("all {turns} turns at once"),
        LoopForm::Scan(turns) => format!("scan of {turns} turns"),
        LoopForm::Unrolled(turns) => format!("unrolled, {}", counted(turns, "turn")),
    }
}

fn work_phrase(work: &Work) -> String {
    match work {
        Work::Scan { turns } => format!("scan of {turns} turns"),
        Work::Map { lanes, is_single_pass, n_operations } => {
            let passes = if *is_single_pass { "one pass" } else { "two passes" };
            format!("{passes} over {lanes} lanes, {}", counted(*n_operations, "operation"))
        }
        Work::Call { name, n_calls: 1 } => format!("call of {name}"),
        Work::Call { name, n_calls } => format!("{n_calls} calls of {name}"),
        Work::Straight { n_operations } => counted(*n_operations, "scalar operation"),
    }
}

fn rewrite_phrase(rewritten: &Rewritten) -> String {
    let Rewritten { rewrite, from, to } = rewritten;
    format!("{from} to {to} by {rewrite}")
}

fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// Phrases with semicolons between them, in lines.
fn wrap(phrases: &[String], width: usize) -> Vec<String> {
    let text = phrases.join("; ");
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The first line of a statement, indented by what it is inside of.
fn excerpt(statement: &Statement, sources: &SourceMap) -> String {
    let indent = INDENT * statement.depth.min(MAX_INDENTED);
    format!("{:indent$}{}", "", first_line(statement, sources))
}

fn first_line<'a>(statement: &Statement, sources: &'a SourceMap) -> &'a str {
    sources.text(statement.span).lines().next().unwrap_or("").trim_end()
}

fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

fn block_name(block: Block) -> &'static str {
    match block {
        Block::Data => "data",
        Block::TransformedData => "transformed data",
        Block::Parameters => "parameters",
        Block::TransformedParameters => "transformed parameters",
        Block::Model => "model",
        Block::GeneratedQuantities => "generated quantities",
    }
}

fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Computed => "computed",
        Outcome::Known => "known",
        Outcome::NotReached => "not_reached",
        Outcome::NotNeeded => "not_needed",
        Outcome::InScan => "in_scan",
        Outcome::Absorbed => "absorbed",
        Outcome::Shared => "shared",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_add_up_and_are_never_negative() {
        let costs = Costs::new(vec![10.0, 30.0, 28.0, 29.0, 100.0], 1.0);
        assert!(costs.each.iter().all(|ns| *ns >= 0.0));
        assert_eq!((costs.call, costs.total()), (10.0, 100.0));
        assert_eq!(costs.each, [19.0, 0.0, 0.0, 71.0]);
    }

    #[test]
    fn phrases_are_wrapped_between_words() {
        let phrases = ["one".to_owned(), "two or".to_owned(), "three".to_owned()];
        assert_eq!(wrap(&phrases, 10), ["one; two", "or; three"]);
        assert!(wrap(&[], 10).is_empty());
    }

    #[test]
    fn long_statements_are_clipped() {
        assert_eq!(clip("abcdef", 4), "abc…");
        assert_eq!(clip("abcd", 4), "abcd");
    }
}
