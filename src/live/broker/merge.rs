use std::sync::Arc;

use super::{Accept, LivePublication};
use crate::live::{Position, Publication};

/// A publication is missing between what was recovered and what came meanwhile: the client must come again (3010).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap;

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("publications are missing")
    }
}

impl std::error::Error for Gap {}

/// One run of publications without a hole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Merged {
    /// In order, each once. After a recovery they go into the reply; otherwise they follow it as pushes.
    pub publications: Vec<Arc<Publication>>,
    /// Where the subscription stands after them; further ones are put to
    /// [`Position::accept`](crate::live::Position::accept).
    pub position: Position,
}

/// Puts what came live while a subscription was being made behind what was recovered for it. The subscription starts
/// at `start`: what is not after it, it has.
///
/// Publications without a place (offset 0) keep theirs behind the one that came before them.
///
/// # Errors
/// When there is a hole, or something of another epoch.
pub fn merge(
    start: Position,
    recovered: Vec<Arc<Publication>>,
    mut buffered: Vec<LivePublication>,
) -> Result<Merged, Gap> {
    order(&mut buffered);
    let mut position = start;
    let mut publications = Vec::with_capacity(recovered.len() + buffered.len());
    let mut add = |publication: Arc<Publication>, epoch: Option<&crate::live::Epoch>| {
        let own = position.epoch.clone();
        match position.accept(publication.offset, epoch.unwrap_or(&own)) {
            Accept::Deliver => publications.push(publication),
            Accept::Skip => {}
            Accept::Insufficient => return Err(Gap),
        }
        Ok(())
    };
    for publication in recovered {
        add(publication, None)?;
    }
    for LivePublication { publication, epoch, .. } in buffered {
        add(publication, Some(&epoch))?;
    }
    Ok(Merged { publications, position })
}

/// By offset. Most often they came so.
fn order(buffered: &mut Vec<LivePublication>) {
    let mut before = 0;
    let places: Vec<u64> = buffered
        .iter()
        .map(|live| {
            if live.publication.offset > 0 {
                before = live.publication.offset;
            }
            before
        })
        .collect();
    if places.is_sorted() {
        return;
    }
    let mut placed: Vec<_> = places.into_iter().zip(buffered.drain(..)).collect();
    placed.sort_by_key(|(place, _)| *place);
    buffered.extend(placed.into_iter().map(|(_, live)| live));
}
