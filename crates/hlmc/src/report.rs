//! What is said about draws: the table, the line about chains, the verdict; as text or as JSON.

use hlmc_posterior::{
    Draws, Finding, MAX_RHAT, MIN_E_BFMI, MIN_ESS_PER_CHAIN, SamplerTrace, Summary, SummaryRow, e_bfmi, findings,
};
use serde_json::{Map, Value};

use crate::csv::names::{display_name, is_wanted, variable_of};
use crate::render::Look;
use crate::render::diagnostics::Problem;
use crate::render::numbers::json;
use crate::render::table::render_table;

/// A name further than this from all known ones gets no suggestion.
const MAX_NAME_DISTANCE: usize = 3;

/// Which columns the table shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    indices: Vec<usize>,
}

impl Shown {
    /// All columns, or those that a list such as `gamma,delta` or `gamma[1]` names.
    ///
    /// # Errors
    /// A name that no column has, with the nearest one.
    pub fn new(columns: &[String], list: Option<&str>) -> Result<Self, Problem> {
        let Some(list) = list else {
            return Ok(Self { indices: (0..columns.len()).collect() });
        };
        let mut indices = Vec::new();
        for wanted in split_names(list) {
            let len = indices.len();
            indices.extend((0..columns.len()).filter(|&i| is_wanted(&columns[i], wanted)));
            if indices.len() == len {
                return Err(unknown_name(columns, wanted));
            }
        }
        indices.sort_unstable();
        indices.dedup();
        Ok(Self { indices })
    }
}

/// Names between commas, those within brackets (`x[1,2]`) aside.
fn split_names(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    list.split(move |c: char| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|name| !name.is_empty())
}

fn unknown_name(columns: &[String], wanted: &str) -> Problem {
    let problem = Problem::new("hlmc::run::unknown_parameter", format!("there is no parameter `{wanted}` to show"));
    let known = columns.iter().map(|column| variable_of(column));
    let near = known.map(|name| (strsim::damerau_levenshtein(name, wanted), name)).min();
    match near {
        Some((distance, name)) if distance <= MAX_NAME_DISTANCE => problem.with_help(format!("did you mean `{name}`?")),
        _ => problem,
    }
}

/// Iterations of each chain, as they were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Iterations {
    /// Iterations of warmup.
    pub n_warmup: usize,
    /// Iterations after it, before thinning.
    pub n_draws: usize,
    /// One draw of how many is kept.
    pub thin: usize,
}

/// A summary with its verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    summary: Summary,
    shown: Shown,
    iterations: Option<Iterations>,
    n_unused: usize,
    e_bfmis: Vec<f64>,
    findings: Vec<Finding>,
    n_traced: usize,
}

impl Report {
    /// Summarises draws, and checks them with what the sampler recorded; `traces` may be empty. Variables are shown by
    /// the names that people write, such as `x[1]`.
    pub fn new(draws: &Draws, traces: &[SamplerTrace], iterations: Option<Iterations>, shown: Shown) -> Self {
        let mut summary = Summary::new(draws);
        for row in &mut summary.rows {
            row.name = display_name(&row.name);
        }
        let findings = findings(&summary, traces);
        let e_bfmis = traces.iter().map(|trace| e_bfmi(&trace.energies)).collect();
        let n_traced = traces.iter().map(|trace| trace.n_draws).sum();
        Self { summary, shown, iterations, n_unused: draws.n_unused(), e_bfmis, findings, n_traced }
    }

    /// All reasons to doubt the draws.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn rows(&self) -> Vec<SummaryRow> {
        self.shown.indices.iter().filter_map(|&i| self.summary.rows.get(i).cloned()).collect()
    }

    /// The line about chains, the table and the verdict. `notes` are lines between table and verdict.
    pub fn text(&self, notes: &[String], look: Look) -> String {
        let mut out = self.chains_line();
        out.push_str("\n\n");
        out.push_str(&render_table(&self.rows(), self.summary.n_chains, look));
        out.push('\n');
        for note in notes {
            out.push_str(note);
            out.push('\n');
        }
        if !notes.is_empty() {
            out.push('\n');
        }
        out.push_str(&self.verdict(look));
        out
    }

    /// RStan's line about chains, iterations, warmup, thinning and draws.
    fn chains_line(&self) -> String {
        let Summary { n_chains, n_draws, .. } = &self.summary;
        let chains = if *n_chains == 1 { "1 chain".to_owned() } else { format!("{n_chains} chains") };
        let total = n_chains * n_draws;
        let mut line = match self.iterations {
            Some(Iterations { n_warmup, n_draws: wanted, thin }) => format!(
                "{chains}, each with iter={}; warmup={n_warmup}; thin={thin};\npost-warmup draws per chain={n_draws}, \
                 total post-warmup draws={total}.",
                n_warmup + wanted
            ),
            None => format!("{chains}; draws per chain={n_draws}, total draws={total}."),
        };
        if self.n_unused > 0 {
            line.push_str(&format!(
                "\nChains differ in length: {} draws past the end of the shortest are not used.",
                self.n_unused
            ));
        }
        line
    }

    /// What to think of the draws, in words.
    fn verdict(&self, look: Look) -> String {
        let style = |style: console::Style| style.bold().force_styling(look.colour);
        if self.summary.n_draws == 0 {
            return "There are no draws.\n".to_owned();
        }
        if self.summary.rows.iter().all(|row| row.rhat.is_nan()) {
            let text = "The draws are too few, or all the same, for any diagnostic: nothing is known of their quality.";
            return format!("{}\n", wrap(text, look));
        }
        if self.findings.is_empty() {
            let good = style(console::Style::new().green()).apply_to("No problems found.");
            let sampler = format!("no divergences, no saturated tree depths, E-BFMI at least {MIN_E_BFMI}; ");
            let sampler = if self.n_traced > 0 { sampler } else { String::new() };
            return format!(
                "{}\n",
                wrap(
                    &format!(
                        "{good} Checked: {sampler}Rhat at most {MAX_RHAT}, effective sizes at least {MIN_ESS_PER_CHAIN} a chain."
                    ),
                    look
                )
            );
        }
        let mut out = String::new();
        for finding in &self.findings {
            let title = style(console::Style::new().yellow()).apply_to(format!("{finding}."));
            out.push_str(&wrap(&format!("Warning: {title} {} {}", finding.explanation(), finding.advice()), look));
            out.push('\n');
        }
        out
    }

    /// All of it as a JSON object.
    pub fn json(&self) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("chains".to_owned(), self.summary.n_chains.into());
        if let Some(Iterations { n_warmup, n_draws, thin }) = self.iterations {
            object.insert("iter".to_owned(), (n_warmup + n_draws).into());
            object.insert("warmup".to_owned(), n_warmup.into());
            object.insert("thin".to_owned(), thin.into());
        }
        object.insert("draws_per_chain".to_owned(), self.summary.n_draws.into());
        object.insert("total_draws".to_owned(), (self.summary.n_chains * self.summary.n_draws).into());
        let rows = self.rows();
        let table = rows.iter().map(|row| (row.name.clone(), row_json(row))).collect::<Map<_, _>>();
        object.insert("summary".to_owned(), table.into());
        object.insert("e_bfmi".to_owned(), self.e_bfmis.iter().map(|value| json(*value)).collect());
        let findings = self.findings.iter().map(|finding| {
            serde_json::json!({
                "found": finding.to_string(),
                "meaning": finding.explanation(),
                "advice": finding.advice(),
            })
        });
        object.insert("findings".to_owned(), findings.collect());
        object
    }
}

fn row_json(row: &SummaryRow) -> Value {
    let [q2, q25, q50, q75, q97] = row.quantiles;
    let fields = [
        ("mean", row.mean),
        ("se_mean", row.se_mean),
        ("sd", row.sd),
        ("2.5%", q2),
        ("25%", q25),
        ("50%", q50),
        ("75%", q75),
        ("97.5%", q97),
        ("n_eff", row.n_eff),
        ("Rhat", row.rhat),
        ("ess_bulk", row.ess_bulk),
        ("ess_tail", row.ess_tail),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), json(value))).collect::<Map<_, _>>().into()
}

/// Breaks a paragraph into lines, those after the first indented.
fn wrap(text: &str, look: Look) -> String {
    const INDENT: &str = "  ";
    let mut lines = vec![String::new()];
    let mut width = 0;
    for word in text.split_whitespace() {
        let len = console::measure_text_width(word);
        if width > 0 && width + 1 + len > look.width {
            lines.push(INDENT.to_owned());
            width = INDENT.len();
        } else if width > 0 {
            if let Some(line) = lines.last_mut() {
                line.push(' ');
            }
            width += 1;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
        }
        width += len;
    }
    lines.join("\n")
}
