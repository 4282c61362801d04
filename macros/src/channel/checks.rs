//! What can be seen without types.

use syn::ext::IdentExt;

use super::{
    FAMILY,
    keys::{Asked, Operation},
};
use crate::{block::Block, controller::checks::signature, faults::Faults};

pub(crate) fn check(block: &Block, operations: &[Operation<'_>], faults: &mut Faults) {
    let mut seen: Vec<(Asked, String, String)> = Vec::new();
    for operation in operations {
        signature(&FAMILY, operation.method, faults);
        // Only one of them may be compiled.
        if operation.method.conditions().next().is_some() {
            continue;
        }
        let name = operation.method.signature.ident.unraw().to_string();
        let rpc = match operation.asked {
            Asked::Rpc => operation.rpc_name(),
            Asked::Subscribe | Asked::Publish => String::new(),
        };
        match seen.iter().find(|(asked, earlier, _)| (*asked, earlier) == (operation.asked, &rpc)) {
            None => seen.push((operation.asked, rpc, name)),
            Some((asked, _, first)) => faults.at(
                operation.attribute,
                match asked {
                    Asked::Subscribe => format!("`{first}` says who may listen already"),
                    Asked::Publish => format!("`{first}` says who may publish already"),
                    Asked::Rpc => {
                        format!(
                            "`{first}` is called `{rpc}` already; give one another name: `#[rpc(\"name\")]`"
                        )
                    }
                },
            ),
        }
    }
    let listens = operations.iter().any(|operation| operation.asked == Asked::Subscribe);
    if !listens && faults.is_empty() {
        faults.at(
            &block.self_ty,
            "a channel needs a method with `#[subscribe]` that says who may listen; an empty one lets everybody: \
             `#[subscribe] async fn enter(&self) {}`",
        );
    }
}

impl Operation<'_> {
    pub(crate) fn rpc_name(&self) -> String {
        match &self.name {
            Some(name) => name.value(),
            None => self.method.signature.ident.unraw().to_string(),
        }
    }
}
