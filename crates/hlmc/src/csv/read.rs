//! Reads the file of one chain, hlmc's or CmdStan's.
//!
//! CmdStan's files differ by version and by how a run ended: older ones lack sampler columns, warmup may be saved, the
//! comments at the end may be missing, and the last line may be cut off. All of these are read; what is not a number, or
//! a line of the wrong length before the end, is refused with its line.

use hlmc_posterior::{ChainDraws, SamplerTrace};

use super::names;
use crate::report::Iterations;

/// The largest tree depth where the file does not say it.
const DEFAULT_MAX_TREEDEPTH: u32 = 10;

/// The draws of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainFile {
    /// Columns of the model, then `lp__` where there is one.
    pub names: Vec<String>,
    /// The draws after warmup, by `names`.
    pub draws: ChainDraws,
    /// What the sampler recorded with them.
    pub trace: SamplerTrace,
    /// What the comments at the top say, in their order: name and value.
    pub config: Vec<(String, String)>,
    /// How many draws of warmup were left out.
    pub n_warmup_draws: usize,
    /// Whether the last line is cut off; it is left out then.
    pub is_truncated: bool,
    /// Seconds of warmup and sampling, where the file says them.
    pub elapsed: Option<(f64, f64)>,
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvError {
    /// Byte offsets of what is wrong.
    pub start: usize,
    /// The byte after it.
    pub end: usize,
    /// One sentence without a full stop.
    pub message: String,
    /// A few words about the place.
    pub label: String,
}

impl ChainFile {
    /// The value of a setting in the comments at the top, without the mark of defaults.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.config.iter().find(|(candidate, _)| candidate == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.setting(name)?.parse().ok()
    }

    /// Iterations of warmup, draws after it before thinning, and thinning, as far as the comments say them.
    pub fn iterations(&self) -> Option<Iterations> {
        let n_warmup = self.number("num_warmup")?;
        Some(Iterations { n_warmup, n_draws: self.number("num_samples")?, thin: self.number("thin")? })
    }
}

/// Reads a file.
///
/// # Errors
/// There is no header line, or a line before the last has the wrong number of values or something that is no number.
pub fn read_chain(text: &str) -> Result<ChainFile, CsvError> {
    let mut reader = Reader::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        reader.line(line, start)?;
        start += line.len();
    }
    reader.finish(text.len())
}

/// Where a column of the file goes to.
struct Columns {
    names: Vec<String>,
    /// For each name, its column in the file.
    sources: Vec<usize>,
    n_in_file: usize,
    divergent: Option<usize>,
    treedepth: Option<usize>,
    energy: Option<usize>,
}

impl Columns {
    fn new(header: &str) -> Self {
        let in_file: Vec<&str> = header.split(',').map(str::trim).collect();
        let find = |wanted: &str| in_file.iter().position(|name| *name == wanted);
        let is_model = |name: &str| !name.ends_with("__");
        let mut sources: Vec<usize> = (0..in_file.len()).filter(|&i| is_model(in_file[i])).collect();
        sources.extend(find("lp__"));
        Self {
            names: sources.iter().map(|&i| in_file[i].to_owned()).collect(),
            sources,
            n_in_file: in_file.len(),
            divergent: find("divergent__"),
            treedepth: find("treedepth__"),
            energy: find("energy__"),
        }
    }
}

#[derive(Default)]
struct Reader {
    config: Vec<(String, String)>,
    columns: Option<Columns>,
    /// The lines of numbers so far, one after the other, and how many of them came before the end of adaptation.
    values: Vec<f64>,
    n_before_adaptation: Option<usize>,
    n_rows: usize,
    is_truncated: bool,
    warmup_seconds: Option<f64>,
    sampling_seconds: Option<f64>,
}

impl Reader {
    fn line(&mut self, line: &str, start: usize) -> Result<(), CsvError> {
        let content = line.trim();
        if let Some(comment) = content.strip_prefix('#') {
            self.comment(comment.trim());
            return Ok(());
        }
        if content.is_empty() {
            return Ok(());
        }
        match &self.columns {
            None => {
                self.columns = Some(header(content, start)?);
                Ok(())
            }
            // A line without its line break was cut off, perhaps within a number.
            Some(_) if !line.ends_with('\n') => {
                self.is_truncated = true;
                Ok(())
            }
            Some(columns) => {
                let n_columns = columns.n_in_file;
                self.row(line.trim_end(), n_columns, start)
            }
        }
    }

    fn comment(&mut self, comment: &str) {
        if comment.starts_with("Adaptation terminated") {
            self.n_before_adaptation = Some(self.n_rows);
        } else if let Some(seconds) = seconds(comment, "(Warm-up)") {
            self.warmup_seconds = Some(seconds);
        } else if let Some(seconds) = seconds(comment, "(Sampling)") {
            self.sampling_seconds = Some(seconds);
        } else if let (None, Some((name, value))) = (&self.columns, comment.split_once('=')) {
            let value = value.trim().trim_end_matches("(Default)").trim();
            self.config.push((name.trim().to_owned(), value.to_owned()));
        }
    }

    fn row(&mut self, line: &str, n_columns: usize, start: usize) -> Result<(), CsvError> {
        let len = self.values.len();
        let mut at = start;
        for cell in line.split(',') {
            let Some(value) = parse_number(cell.trim()) else {
                let message = format!("`{}` is not a number", cell.trim());
                return Err(CsvError {
                    start: at,
                    end: at + cell.len(),
                    message,
                    label: "expected a number".to_owned(),
                });
            };
            self.values.push(value);
            at += cell.len() + 1;
        }
        let found = self.values.len() - len;
        if found != n_columns {
            let message = format!("this line has {found} values, but the header line names {n_columns} columns");
            return Err(CsvError { start, end: start + line.len(), message, label: format!("found {found} values") });
        }
        self.n_rows += 1;
        Ok(())
    }

    fn finish(self, len: usize) -> Result<ChainFile, CsvError> {
        let Some(columns) = &self.columns else {
            let message = "there is no header line: this is no CSV file of draws".to_owned();
            return Err(CsvError { start: len, end: len, message, label: "the file ends here".to_owned() });
        };
        let mut file = ChainFile {
            names: columns.names.clone(),
            draws: ChainDraws::with_capacity(columns.names.len(), self.n_rows),
            trace: SamplerTrace::default(),
            config: self.config,
            n_warmup_draws: 0,
            is_truncated: self.is_truncated,
            elapsed: self.warmup_seconds.zip(self.sampling_seconds),
        };
        file.n_warmup_draws = self.n_before_adaptation.unwrap_or_else(|| saved_warmup(&file)).min(self.n_rows);
        let max_treedepth = file.number("max_depth").and_then(|depth| u32::try_from(depth).ok());
        let max_treedepth = max_treedepth.unwrap_or(DEFAULT_MAX_TREEDEPTH);
        let mut draw = Vec::with_capacity(columns.sources.len());
        for row in self.values.chunks(columns.n_in_file).skip(file.n_warmup_draws) {
            draw.clear();
            draw.extend(columns.sources.iter().map(|&i| row[i]));
            // The length is right by construction.
            let _ = file.draws.push(&draw);
            if let Some(energy) = columns.energy {
                let flag = |column: Option<usize>| column.map_or(0.0, |i| row[i]);
                let depth = flag(columns.treedepth) as u32;
                file.trace.push(flag(columns.divergent) != 0.0, depth, max_treedepth, row[energy]);
            }
        }
        Ok(file)
    }
}

/// How many draws of warmup a file holds that says nothing of the end of adaptation.
fn saved_warmup(file: &ChainFile) -> usize {
    let is_saved = matches!(file.setting("save_warmup"), Some("1" | "true"));
    match file.iterations() {
        Some(Iterations { n_warmup, thin, .. }) if is_saved => n_warmup.div_ceil(thin.max(1)),
        _ => 0,
    }
}

/// The header line: names, at least one of which is the model's or `lp__`.
fn header(content: &str, start: usize) -> Result<Columns, CsvError> {
    let wrong = |message: String, label: &str| {
        Err(CsvError { start, end: start + content.len(), message, label: label.to_owned() })
    };
    if content.split(',').any(|name| parse_number(name.trim()).is_some()) {
        return wrong("there is no header line before the first draw".to_owned(), "expected the names of the columns");
    }
    let columns = Columns::new(content);
    let mut sorted: Vec<&String> = columns.names.iter().collect();
    sorted.sort();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return wrong(format!("the column `{}` is there twice", names::display_name(pair[0])), "in this header line");
    }
    Ok(columns)
}

/// Numbers as Stan's versions have written them: also `1.#QNAN` and the like are refused, `+inf`, `-nan` taken.
fn parse_number(cell: &str) -> Option<f64> {
    match cell.trim_start_matches(['+', '-']).to_ascii_lowercase().as_str() {
        "nan" => Some(f64::NAN),
        "true" => Some(1.0),
        "false" => Some(0.0),
        _ => cell.parse().ok(),
    }
}

fn seconds(comment: &str, what: &str) -> Option<f64> {
    let before = comment.strip_suffix(what)?.trim_start_matches("Elapsed Time:").trim();
    before.strip_suffix("seconds")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMENTS: &str = "# stan_version_major = 2\n# model = m_model\n# method = sample (Default)\n#   sample\n\
                            #     num_samples = 4\n#     num_warmup = 4\n#     save_warmup = 1\n#     thin = 2\n\
                            #             max_depth = 3\n";
    const HEADER: &str = "lp__,accept_stat__,stepsize__,treedepth__,n_leapfrog__,divergent__,energy__,x.1,x.2\n";
    const ROWS: &str = "-1,0.9,0.5,3,7,1,2,10,20\n-2,0.8,0.5,1,1,0,3,11,nan\n";

    #[test]
    fn draws_trace_and_settings() {
        let end = "# \n#  Elapsed Time: 0.5 seconds (Warm-up)\n#                0.25 seconds (Sampling)\n\
                   #                0.75 seconds (Total)\n# \n";
        let text = format!("{COMMENTS}{HEADER}# Adaptation terminated\n# Step size = 0.5\n{ROWS}{end}");
        let file = read_chain(&text).unwrap();
        assert_eq!(file.names, ["x.1", "x.2", "lp__"]);
        assert_eq!(file.draws.column(0), Some(&[10.0, 11.0][..]));
        assert!(file.draws.column(1).unwrap()[1].is_nan());
        assert_eq!(file.draws.column(2), Some(&[-1.0, -2.0][..]));
        let trace = SamplerTrace { n_draws: 2, n_divergent: 1, n_saturated: 1, energies: vec![2.0, 3.0] };
        assert_eq!(file.trace, trace);
        assert_eq!(file.setting("method"), Some("sample"));
        assert_eq!(file.iterations(), Some(Iterations { n_warmup: 4, n_draws: 4, thin: 2 }));
        assert_eq!((file.n_warmup_draws, file.is_truncated, file.elapsed), (0, false, Some((0.5, 0.25))));
    }

    #[test]
    fn draws_before_the_end_of_adaptation_are_warmup() {
        let warmup = "-9,0.9,0.5,3,7,1,2,1,2\n";
        let file = read_chain(&format!("{COMMENTS}{HEADER}{warmup}# Adaptation terminated\n{ROWS}")).unwrap();
        assert_eq!((file.n_warmup_draws, file.draws.n_draws()), (1, 2));
    }

    #[test]
    fn saved_warmup_without_adaptation_is_counted_from_the_settings() {
        let file = read_chain(&format!("{COMMENTS}{HEADER}{ROWS}{ROWS}")).unwrap();
        assert_eq!((file.n_warmup_draws, file.draws.n_draws()), (2, 2));
    }

    #[test]
    fn a_last_line_that_is_cut_off_is_left_out() {
        for cut in ["-3,0.9,0.5,3,7,0,1,12,1", "-3,0.9", "-"] {
            let file = read_chain(&format!("{HEADER}{ROWS}{cut}")).unwrap();
            assert_eq!((file.draws.n_draws(), file.is_truncated), (2, true));
        }
    }

    #[test]
    fn old_files_lack_sampler_columns() {
        let file = read_chain("lp__,accept_stat__,x\n-1,0.5,3\n").unwrap();
        assert_eq!((file.names.len(), file.draws.n_draws(), file.trace.n_draws), (2, 1, 0));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let place = |text: &str| {
            let error = read_chain(text).unwrap_err();
            (text[error.start..error.end].to_owned(), error.message)
        };
        let (at, message) = place("lp__,x\n-1,abc\n-1,2\n");
        assert_eq!((at.as_str(), message.as_str()), ("abc", "`abc` is not a number"));
        let (at, message) = place("lp__,x\n-1,2,3\n-1,2\n");
        assert_eq!(at, "-1,2,3");
        assert_eq!(message, "this line has 3 values, but the header line names 2 columns");
        assert!(place("").1.contains("no header line"));
        assert!(place("1,2\n3,4\n").1.contains("no header line"));
        assert!(place("x.1,x.1\n").1.contains("`x[1]` is there twice"));
    }
}
