//! The folder that draws are written to.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use hlmc::csv::write::{ChainWriter, RunConfig};
use hlmc::render::diagnostics::Problem;
use hlmc::sampling::Plan;
use hlmc_engine::Prepared;
use hlmc_eval::Include;

use super::run::{file_name, model_name};
use crate::args::{Init, RunArgs};
use crate::files::reason;

/// A folder that exists and takes files.
pub(crate) struct OutputFolder {
    folder: PathBuf,
    start_datetime: String,
}

impl OutputFolder {
    /// Makes the folder where there is none.
    ///
    /// # Errors
    /// It cannot be made, or is no folder.
    pub(crate) fn create(folder: &Path) -> Result<OutputFolder, Problem> {
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        Ok(OutputFolder { folder: folder.to_owned(), start_datetime: datetime(now) })
    }

    /// Begins the file of a chain, in place of one that is there.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn start_chain(
        &self,
        args: &RunArgs,
        plan: &Plan,
        chain: usize,
        engine: &Prepared,
    ) -> Result<ChainWriter<File>, Problem> {
        let path = file_name(&self.folder, chain);
        let config = RunConfig {
            model: model_name(&args.model.model),
            start_datetime: self.start_datetime.clone(),
            n_draws: plan.n_draws,
            n_warmup: plan.settings.n_warmup,
            thin: plan.thin,
            adapt_delta: plan.settings.adapt_delta,
            max_treedepth: plan.settings.max_treedepth,
            metric: plan.settings.metric,
            chain,
            data_file: args.model.data.as_ref().map_or(String::new(), |path| path.display().to_string()),
            init: match &args.init {
                Init::Radius(radius) => radius.to_string(),
                Init::File(path) => path.display().to_string(),
            },
            seed: plan.seed,
            output_file: path.display().to_string(),
            n_threads: plan.n_threads,
            engine: engine.kind().to_string(),
        };
        let names = engine.model().constrained_names(Include::GeneratedQuantities);
        let file = File::create(&path).and_then(|file| ChainWriter::new(file, &config, &names));
        file.map_err(|error| unwritable(&path, &error))
    }

    /// What to say when the file of a chain cannot be written any further.
    pub(crate) fn write_problem(&self, chain: usize, error: &io::Error) -> Problem {
        let path = file_name(&self.folder, chain);
        let message = format!("cannot write on into `{}`: {}", path.display(), reason(error));
        Problem::new("hlmc::file::unwritable", message)
            .with_help("the run has stopped; the draws up to there are in the files, and are not summarised")
    }

    /// The files of all chains.
    pub(crate) fn files(&self, plan: &Plan) -> Vec<String> {
        let chains = plan.first_chain..plan.first_chain + plan.n_chains;
        chains.map(|chain| file_name(&self.folder, chain).display().to_string()).collect()
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Problem {
    let message = format!("cannot write into `{}`: {}", path.display(), reason(error));
    Problem::new("hlmc::file::unwritable", message).with_help("choose a folder that can be written with `--out`")
}

/// Seconds since 1970 as CmdStan writes a time: `2026-11-22 20:00:00 UTC`.
fn datetime(seconds: u64) -> String {
    const DAY: u64 = 86_400;
    let (days, time) = (seconds / DAY, seconds % DAY);
    let (year, month, day) = civil_date(days);
    format!("{year}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC", time / 3600, time / 60 % 60, time % 60)
}

/// Year, month and day of a number of days since 1970, in the Gregorian calendar. Howard Hinnant, "chrono-compatible
/// low-level date algorithms": years are counted from March, so that leap days come last.
fn civil_date(days: u64) -> (u64, u64, u64) {
    const DAYS_OF_400_YEARS: u64 = 146_097;
    /// From the first of March of the year 0 to the first of January 1970.
    const EPOCH: u64 = 719_468;
    let days = days + EPOCH;
    let (era, day_of_era) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / (DAYS_OF_400_YEARS - 1)) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        assert_eq!(datetime(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(datetime(951_827_696), "2000-02-29 12:34:56 UTC");
        assert_eq!(datetime(1_795_392_000), "2026-11-23 00:00:00 UTC");
    }
}
