//! RStan's table: one row a variable, decimal points under each other.

use console::Style;
use hlmc_posterior::{MAX_RHAT, MIN_ESS_PER_CHAIN, SummaryRow};

use super::Look;

/// Titles of the columns, in RStan's words and order.
const TITLES: [&str; 10] = ["mean", "se_mean", "sd", "2.5%", "25%", "50%", "75%", "97.5%", "n_eff", "Rhat"];

const N_EFF: usize = 8;
const RHAT: usize = 9;

/// Decimals of Rhat: its threshold is 1.01.
const RHAT_DECIMALS: usize = 3;

/// Decimals of a row: at least as many as RStan prints, and more where the standard error is small.
const MIN_DECIMALS: i32 = 2;
const MAX_DECIMALS: i32 = 6;

/// Numbers of at least this size are written with an exponent; so are those that would be 0 in [`MAX_DECIMALS`].
const LARGEST_FIXED: f64 = 1e7;
const SMALLEST_FIXED: f64 = 1e-5;

/// The table, a line each for the titles and the rows. Coloured: what is beyond a threshold of the diagnostics.
pub fn render_table(rows: &[SummaryRow], n_chains: usize, look: Look) -> String {
    let cells: Vec<[Cell; TITLES.len()]> = rows.iter().map(|row| row_cells(row, n_chains)).collect();
    let name_width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let columns: [Column; TITLES.len()] =
        std::array::from_fn(|i| Column::of(TITLES[i], cells.iter().map(|row| &row[i])));
    let style = |style: Style| style.force_styling(look.colour);
    let title = style(Style::new().bold());
    let warning = style(Style::new().red().bold());

    let mut out = " ".repeat(name_width);
    for (column, text) in columns.iter().zip(TITLES) {
        out.push(' ');
        out.push_str(&title.apply_to(format!("{text:>width$}", width = column.width)).to_string());
    }
    out.push('\n');
    for (row, cells) in rows.iter().zip(&cells) {
        out.push_str(&format!("{:<name_width$}", row.name));
        for (column, cell) in columns.iter().zip(cells) {
            out.push(' ');
            let text = column.align(cell);
            out.push_str(&if cell.is_suspect { warning.apply_to(text).to_string() } else { text });
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
    out
}

/// A number as text, split at its decimal point. What has none (NaN, exponents aside) stands at the right.
struct Cell {
    whole: String,
    fraction: String,
    is_suspect: bool,
}

impl Cell {
    fn new(text: &str, is_suspect: bool) -> Self {
        let at = text.find('.').unwrap_or(text.len());
        let (whole, fraction) = text.split_at(at);
        Self { whole: whole.to_owned(), fraction: fraction.to_owned(), is_suspect }
    }
}

/// Widths before the point and from the point on.
struct Column {
    whole: usize,
    fraction: usize,
    width: usize,
}

impl Column {
    fn of<'a>(title: &str, cells: impl Iterator<Item = &'a Cell> + Clone) -> Self {
        let with_point = cells.clone().filter(|cell| !cell.fraction.is_empty());
        let whole = with_point.clone().map(|cell| cell.whole.len()).max().unwrap_or(0);
        let fraction = with_point.map(|cell| cell.fraction.len()).max().unwrap_or(0);
        let without_point = cells.filter(|cell| cell.fraction.is_empty()).map(|cell| cell.whole.len());
        let width = without_point.max().unwrap_or(0).max(whole + fraction).max(title.len());
        Self { whole, fraction, width }
    }

    fn align(&self, cell: &Cell) -> String {
        let Self { whole, fraction, width } = self;
        if cell.fraction.is_empty() {
            return format!("{:>width$}", cell.whole);
        }
        let indent = width - whole - fraction;
        format!("{:indent$}{:>whole$}{:<fraction$}", "", cell.whole, cell.fraction)
    }
}

fn row_cells(row: &SummaryRow, n_chains: usize) -> [Cell; TITLES.len()] {
    let decimals = decimals(row.se_mean);
    let [q2, q25, q50, q75, q97] = row.quantiles;
    let values = [row.mean, row.se_mean, row.sd, q2, q25, q50, q75, q97, row.n_eff, row.rhat];
    std::array::from_fn(|i| {
        let value = values[i];
        match i {
            N_EFF => {
                let is_suspect = value < MIN_ESS_PER_CHAIN * n_chains as f64;
                Cell::new(&if value.is_nan() { "NaN".to_owned() } else { format!("{value:.0}") }, is_suspect)
            }
            RHAT => Cell::new(&fixed(value, RHAT_DECIMALS), value > MAX_RHAT),
            _ => Cell::new(&fixed(value, decimals), false),
        }
    })
}

/// As many decimals as show the first digit of the standard error, within bounds.
fn decimals(se_mean: f64) -> usize {
    let wanted = if se_mean > 0.0 && se_mean.is_finite() { (-se_mean.log10()).ceil() as i32 } else { MIN_DECIMALS };
    wanted.clamp(MIN_DECIMALS, MAX_DECIMALS) as usize
}

fn fixed(value: f64, decimals: usize) -> String {
    let size = value.abs();
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        (if value > 0.0 { "Inf" } else { "-Inf" }).to_owned()
    } else if size >= LARGEST_FIXED || (value != 0.0 && size < SMALLEST_FIXED) {
        format!("{value:.2e}")
    } else {
        format!("{value:.decimals$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, mean: f64, se_mean: f64, n_eff: f64, rhat: f64) -> SummaryRow {
        let quantiles = [-1.0, 0.5, mean, 10.25, 100.0];
        SummaryRow {
            name: name.to_owned(),
            mean,
            se_mean,
            sd: 2.0,
            quantiles,
            n_eff,
            rhat,
            ess_bulk: n_eff,
            ess_tail: n_eff,
        }
    }

    #[test]
    fn decimal_points_stand_under_each_other() {
        let rows = [
            row("gamma[1]", 15.293, 0.024, 2210.4, 1.0004),
            row("s", -0.5, 0.0004, 350.0, 1.0201),
            row("k", 3.0, f64::NAN, f64::NAN, f64::NAN),
        ];
        let text = render_table(&rows, 4, Look::PLAIN);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), TITLES);
        assert_eq!(lines[1], "gamma[1] 15.29    0.02   2.00   -1.00   0.50   15.29   10.25   100.00    2210 1.000");
        assert_eq!(lines[2], "s        -0.5000  0.0004 2.0000 -1.0000 0.5000 -0.5000 10.2500 100.0000   350 1.020");
        assert_eq!(lines[3], "k         3.00       NaN 2.00   -1.00   0.50    3.00   10.25   100.00     NaN   NaN");
    }

    #[test]
    fn what_is_beyond_a_threshold_is_coloured() {
        let look = Look { colour: true, width: 100 };
        let good = render_table(&[row("a", 1.0, 0.1, 400.0, 1.0)], 4, look);
        let bad = render_table(&[row("a", 1.0, 0.1, 399.0, 1.02)], 4, look);
        assert_eq!(good.matches("\u{1b}[31m").count(), 0);
        assert_eq!(bad.matches("\u{1b}[31m").count(), 2);
        assert!(!render_table(&[row("a", 1.0, 0.1, 399.0, 1.02)], 4, Look::PLAIN).contains('\u{1b}'));
    }

    #[test]
    fn very_large_and_very_small_numbers_have_exponents() {
        assert_eq!(fixed(1.234e9, 2), "1.23e9");
        assert_eq!(fixed(1e-9, 6), "1.00e-9");
        assert_eq!(fixed(0.0, 2), "0.00");
        assert_eq!(fixed(f64::NEG_INFINITY, 2), "-Inf");
    }
}
