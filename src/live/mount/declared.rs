use std::{any::TypeId, sync::Arc};

use crate::{
    live::{DeclaredChannels, Live},
    security::{Chain, short_type_name},
};

/// What a node was started with, for the routers that it is mounted in.
pub(crate) struct Declared {
    pub(crate) live: Live,
    pub(super) channels: Arc<DeclaredChannels>,
    /// The type of identity that tokens give, when tokens are taken.
    pub(super) by_token: Option<(TypeId, &'static str)>,
}

impl Declared {
    /// What the channels ask of the identity, and neither the router's schemes nor tokens give.
    pub(super) fn identity_faults(&self, chain: Option<&Chain>) -> Vec<String> {
        let mut faults = Vec::new();
        for wanted in self.channels.identities() {
            let (wanted_type, name) = wanted.identity;
            let (label, taken) = (&wanted.label, short_type_name(name));
            let found = chain.into_iter().flat_map(|chain| &chain.alternatives);
            let found =
                found.map(|(scheme, _)| (format!("the scheme `{}`", scheme.name()), scheme.identity_type()));
            let found: Vec<_> =
                found.chain(self.by_token.map(|found| ("a connection's token".to_owned(), found))).collect();
            if found.is_empty() && !wanted.optional {
                faults.push(format!(
                    "{label} takes `Identity<{taken}>`, but nobody finds out who connects: give the router a scheme and ask \
                     for it with `.security(..)`"
                ));
            }
            for (who, (found_type, found_name)) in found {
                if found_type != wanted_type {
                    let found = short_type_name(found_name);
                    faults.push(format!("{label} takes `Identity<{taken}>`, but {who} finds `{found}`"));
                }
            }
        }
        faults
    }
}
