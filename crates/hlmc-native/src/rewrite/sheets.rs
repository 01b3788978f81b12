//! Sheets: rows of a sum laid out by the effects that they share, so that effects are neighbouring lanes and need not be
//! gathered one by one.
//!
//! The positions of the *long* index, the one with most of them, give each row its place in a sheet. Rows that share a
//! position go to different sheets: if possible, all rows of a sheet agree in every other index, and so have one effect of
//! each. Places without a row get one of weight 0.
//!
//! Before, 1998 rows of 1000 trays and 2 treatments: `alpha[g] + tau[t]`. After: two sheets, `alpha[1] + tau` and
//! `alpha[2] + tau`.

use crate::graph::{Graph, IndexId};

use super::cells::{Cells, Leaf, View};

/// The most sheets: each has operations of its own.
const MAX_SHEETS: usize = 8;
/// An index of fewer positions is not worth it.
const MIN_PLACES: usize = 4;
/// So many places may be laid out for so many rows: a lane that is gathered costs more than one beside its neighbours.
const MAX_FILLED: (usize, usize) = (3, 2);

/// Rows, one a lane.
pub(super) struct Sheet {
    pub(super) rows: Vec<Row>,
    /// What the rows see of effects by group.
    pub(super) view: View,
}

/// A place in a sheet.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// The row, or another one of the sheet if there is none at this place.
    pub(super) number: usize,
    /// False where there is none.
    pub(super) counts: bool,
}

/// Lays out rows, of which each sees the leaves at a lane of its own.
pub(super) fn sheets(graph: &Graph, leaves: &[Leaf], n_lanes: usize, lanes: &[u32]) -> Vec<Sheet> {
    let laid_out = Layout::new(graph, leaves, lanes).and_then(|layout| {
        let others: Vec<Leaf> = leaves.iter().filter(|leaf| **leaf != Leaf::Index(layout.index)).copied().collect();
        let lane = |row: usize| lanes[row] as usize;
        let apart = Cells::of_rows(graph, &others, (lanes.len(), n_lanes), lane, MAX_SHEETS);
        let apart = apart.and_then(|cells| layout.lay_out(&cells.of));
        apart.or_else(|| layout.lay_out(&vec![0; lanes.len()]))
    });
    laid_out.unwrap_or_else(|| vec![as_they_are(lanes)])
}

fn as_they_are(lanes: &[u32]) -> Sheet {
    let rows = (0..lanes.len()).map(|number| Row { number, counts: true }).collect();
    Sheet { rows, view: View { lanes: lanes.to_vec(), long: None } }
}

/// The long index, and the rows' positions.
struct Layout<'a> {
    index: IndexId,
    lanes: &'a [u32],
    /// The position of each row, from the first that occurs.
    places: Vec<usize>,
    first: u32,
    n_places: usize,
}

impl<'a> Layout<'a> {
    /// By the index that has most positions; `None` where that is not worth it.
    fn new(graph: &Graph, leaves: &[Leaf], lanes: &'a [u32]) -> Option<Self> {
        let ranges = leaves.iter().filter_map(|leaf| match leaf {
            Leaf::Index(index) => {
                let positions = graph.columns.positions(*index);
                let of_rows = || lanes.iter().map(|lane| positions[*lane as usize]);
                Some((*index, of_rows().min()?, of_rows().max()?))
            }
            Leaf::Column(_) | Leaf::Matrix(_) => None,
        });
        let (index, first, last) = ranges.max_by_key(|(_, first, last)| last - first)?;
        let n_places = (last - first) as usize + 1;
        let positions = graph.columns.positions(index);
        let places = lanes.iter().map(|lane| (positions[*lane as usize] - first) as usize).collect();
        let layout = Layout { index, lanes, places, first, n_places };
        (n_places >= MIN_PLACES && layout.is_worthwhile(1)).then_some(layout)
    }

    fn is_worthwhile(&self, n_sheets: usize) -> bool {
        let (places, rows) = MAX_FILLED;
        n_sheets <= MAX_SHEETS && n_sheets * self.n_places * rows <= self.lanes.len() * places
    }

    /// Sheets of the rows' groups, several a group where its rows share positions; `None` where too many places would be
    /// empty.
    fn lay_out(&self, groups: &[u32]) -> Option<Vec<Sheet>> {
        // For each sheet its group, and the row at each place.
        let mut sheets: Vec<(u32, Vec<Option<usize>>)> = Vec::new();
        for (row, (group, place)) in groups.iter().zip(&self.places).enumerate() {
            let free = sheets.iter_mut().find(|(of, rows)| of == group && rows[*place].is_none());
            match free {
                Some((_, rows)) => rows[*place] = Some(row),
                None => {
                    if !self.is_worthwhile(sheets.len() + 1) {
                        return None;
                    }
                    let mut rows = vec![None; self.n_places];
                    rows[*place] = Some(row);
                    sheets.push((*group, rows));
                }
            }
        }
        sheets.iter().map(|(_, rows)| self.sheet(rows)).collect()
    }

    fn sheet(&self, rows: &[Option<usize>]) -> Option<Sheet> {
        let some = rows.iter().find_map(|row| *row)?;
        let rows: Vec<Row> =
            rows.iter().map(|row| Row { number: row.unwrap_or(some), counts: row.is_some() }).collect();
        let lanes = rows.iter().map(|row| self.lanes[row.number]).collect();
        let positions = (self.first..).take(self.n_places).collect();
        Some(Sheet { rows, view: View { lanes, long: Some((self.index, positions)) } })
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::{Binary, Graph, NodeId, Operation, Unary};
    use crate::record::Recording;
    use crate::rewrite::testing::{agree, graph, run_only};

    const TRAYS: usize = 9;
    const DIMENSION: usize = 2 + TRAYS;

    /// `sum(square(y - alpha[treatment] - tau[tray]))` of rows of a treatment and a tray.
    fn rows(graph: &mut Graph, rows: &[(u32, u32)]) -> NodeId {
        let (treatment, tray): (Vec<u32>, Vec<u32>) = rows.iter().copied().unzip();
        let (alpha, tau) = (graph.position(0, 2), graph.position(2, TRAYS));
        let (alpha, tau) = (graph.gather(alpha, &treatment), graph.gather(tau, &tray));
        let y: Vec<f64> = (0..rows.len()).map(|i| (i as f64 * 1.3).sin()).collect();
        let y = graph.known(&y);
        let mu = graph.binary(Binary::Add, alpha, tau);
        let residual = graph.binary(Binary::Subtract, y, mu);
        let square = graph.unary(Unary::Square, residual);
        graph.sum(square)
    }

    fn position() -> Vec<f64> {
        (0..DIMENSION).map(|i| (i as f64 * 0.7).cos()).collect()
    }

    /// The lanes of all sums, and of all gathers of several lanes.
    fn sums_and_gathers(recording: &Recording) -> (Vec<u32>, Vec<u32>) {
        let needed = recording.graph.needed(recording.result);
        let nodes = || recording.graph.nodes().iter().zip(&needed).filter(|(_, needed)| **needed).map(|(node, _)| node);
        let summed = nodes().filter_map(|node| match node.operation {
            Operation::Sum(x) => Some(recording.graph.lanes(x) as u32),
            _ => None,
        });
        let gathers = nodes().filter(|node| node.lanes > 1 && matches!(node.operation, Operation::Gather(..)));
        (summed.collect(), gathers.map(|node| node.lanes).collect())
    }

    fn laid_out(chosen: impl Fn(u32, u32) -> bool, repeats: usize) -> (Vec<u32>, Vec<u32>) {
        let mut graph = graph();
        let all = (0..TRAYS as u32).flat_map(|tray| [(1, tray), (0, tray)]).filter(|(a, b)| chosen(*a, *b));
        let all: Vec<(u32, u32)> = std::iter::repeat_n(all, repeats).flatten().collect();
        let result = rows(&mut graph, &all);
        let (old, new) = run_only("statistics", graph, result, DIMENSION);
        agree(&old, &new, &position());
        sums_and_gathers(&new)
    }

    #[test]
    fn crossed_effects_have_a_sheet_for_each_entry_of_the_shorter_index() {
        assert_eq!(laid_out(|_, _| true, 3), (vec![9, 9], vec![]));
    }

    #[test]
    fn gaps_are_filled() {
        assert_eq!(laid_out(|treatment, tray| (treatment, tray) != (1, 4), 3), (vec![9, 9], vec![]));
        assert_eq!(laid_out(|_, tray| tray != 4, 3), (vec![9, 9], vec![]), "a tray without rows");
    }

    #[test]
    fn nested_effects_have_one_sheet() {
        assert_eq!(laid_out(|treatment, tray| treatment == tray % 2, 3), (vec![9], vec![9]));
    }

    #[test]
    fn few_rows_stay_as_they_are() {
        assert_eq!(laid_out(|_, tray| [0, 8].contains(&tray), 3), (vec![4], vec![4, 4]));
    }
}
