use std::{fmt, sync::Arc};

use super::{
    pattern::Pattern,
    router::{DataFactory, TrailingSlash},
    table::Table,
};
use crate::{
    document::SchemeDoc,
    endpoint::{Bind, GuardFactory, Mounted, MountedOperation, Voice, Wrap},
    security::ErasedScheme,
};

/// A router with everything decided: what all workers share.
pub(crate) struct Plan {
    /// The outermost prefix, which Actix matches.
    pub(crate) prefix: Pattern,
    pub(crate) table: Table,
    pub(crate) endpoints: Vec<Endpoint>,
    /// The outermost router is level 0.
    pub(crate) levels: Vec<Level>,
    /// Each layer's middlewares; made once a worker.
    pub(crate) nodes: Vec<Vec<Wrap>>,
    pub(crate) data: Vec<Vec<DataFactory>>,
    pub(crate) operations: Vec<MountedOperation>,
    pub(crate) schemes: Vec<Arc<dyn ErasedScheme>>,
    pub(crate) slash: TrailingSlash,
}

/// An endpoint and how to reach its handler.
pub(crate) struct Endpoint {
    pub(crate) mounted: Arc<Mounted>,
    pub(crate) bound: Arc<dyn Bind>,
    /// Index into the table's routes.
    pub(crate) route: usize,
    pub(crate) guards: Vec<GuardFactory>,
    /// Indices into `nodes`, the outermost first.
    pub(crate) nodes: Vec<usize>,
    /// Indices into `data`, the outermost first.
    pub(crate) data: Vec<usize>,
}

/// A router's own manners: what its 404, 405 and OPTIONS look like.
pub(crate) struct Level {
    /// The path below the outermost prefix.
    pub(crate) prefix: String,
    pub(crate) voice: Voice,
    pub(crate) nodes: Vec<usize>,
    pub(crate) data: Vec<usize>,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("prefix", &self.prefix)
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}

impl Plan {
    /// The documents of those schemes that are asked for anywhere.
    pub(crate) fn scheme_documents(&self) -> Vec<SchemeDoc> {
        scheme_documents(&self.schemes, &self.operations)
    }

    /// Whether the path lies below a router with a prefix of plain text.
    pub(crate) fn is_below_prefix(&self, path: &str) -> bool {
        let level = self.levels.get(self.level_of(path));
        level.is_some_and(|level| !level.prefix.is_empty() && !level.prefix.contains('{'))
    }

    /// The innermost router that a path lies below.
    pub(crate) fn level_of(&self, path: &str) -> usize {
        let below = |level: &Level| {
            let mut segments = path.split('/');
            level.prefix.split('/').all(|wanted| match segments.next() {
                Some(segment) => wanted.contains('{') || wanted == segment,
                None => false,
            })
        };
        let fitting = self.levels.iter().enumerate().filter(|(_, level)| below(level));
        fitting.max_by_key(|(_, level)| level.prefix.split('/').count()).map_or(0, |(index, _)| index)
    }
}

pub(crate) fn scheme_documents(
    schemes: &[Arc<dyn ErasedScheme>],
    operations: &[MountedOperation],
) -> Vec<SchemeDoc> {
    let mut documents: Vec<SchemeDoc> = Vec::new();
    for scheme in schemes {
        let name = scheme.name().into_owned();
        let used =
            operations.iter().any(|operation| operation.security.iter().any(|(used, _)| *used == name));
        if used && !documents.iter().any(|known| known.name == name) {
            documents.push(SchemeDoc { name, value: scheme.document() });
        }
    }
    documents
}
