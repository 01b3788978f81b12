//! From files to a bound model.

use hlmc::compile::compile;
use hlmc::faults;
use hlmc::render::diagnostics::render;
use hlmc::sampling::data_rng;
use hlmc_engine::{EngineKind, Rewrites};
use hlmc_eval::BoundModel;
use hlmc_syntax::SourceMap;

use crate::args::{ModelArgs, RewriteArgs};
use crate::failure::Failure;
use crate::files::{IncludePaths, read_text};
use crate::terminal::{say, stderr_look};
use hlmc::render::diagnostics::Problem;

/// A model and the texts that it came from.
pub(crate) struct Loaded {
    pub(crate) model: BoundModel,
    pub(crate) sources: SourceMap,
}

/// Reads the files of a model.
pub(crate) struct ModelText {
    pub(crate) name: String,
    pub(crate) program: String,
    pub(crate) data_name: String,
    pub(crate) data: String,
}

impl ModelText {
    pub(crate) fn read(args: &ModelArgs) -> Result<ModelText, Failure> {
        let program = read_text(&args.model, "the program")?;
        let (data_name, data) = match &args.data {
            Some(path) => (path.display().to_string(), read_text(path, "the data")?),
            None => (String::new(), String::new()),
        };
        Ok(ModelText { name: args.model.display().to_string(), program, data_name, data })
    }

    /// Compiles the program and binds it to the data; the seed is for random numbers in transformed data. Warnings are
    /// printed.
    pub(crate) fn load(&self, args: &ModelArgs, seed: u64) -> Result<Loaded, Failure> {
        let compiled = compile(&self.program, &self.name, &mut IncludePaths(&args.include_paths));
        let mut sources = compiled.sources;
        let Some(program) = compiled.program else {
            return Err(Failure::Diagnostics(compiled.diagnostics, sources));
        };
        say(&render(&compiled.diagnostics, &sources, stderr_look()));
        match BoundModel::bind(program, &self.data, &mut data_rng(seed)) {
            Ok(model) => Ok(Loaded { model, sources }),
            Err(mistakes) => {
                let mut diagnostics = faults::of_json(mistakes, &mut sources, &self.data_name, &self.data);
                if args.data.is_none() {
                    for diagnostic in diagnostics.iter_mut().filter(|diagnostic| diagnostic.help.is_none()) {
                        diagnostic.help = Some("give the data with `--data FILE`".to_owned());
                    }
                }
                Err(Failure::Diagnostics(diagnostics, sources))
            }
        }
    }
}

/// The engine of that name.
pub(crate) fn engine(name: &str) -> Result<EngineKind, Failure> {
    name.parse().map_err(|error: hlmc_engine::UnknownEngine| {
        Failure::Usage(Problem::new("hlmc::usage::unknown_engine", error.to_string()))
    })
}

/// The rewrites that the words of `--opt` leave.
pub(crate) fn rewrites(args: &RewriteArgs) -> Result<Rewrites, Failure> {
    let words = args.words.iter().map(String::as_str);
    Rewrites::ALL
        .changed_by(words)
        .map_err(|error| Failure::Usage(Problem::new("hlmc::usage::unknown_rewrite", error.to_string())))
}
