//! Containers around a model: `Option<Vec<Line>>` is a `Line` behind two layers.

use syn::{GenericArgument, PathArguments, Type};

/// One container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    Option,
    Pointer,
    List,
    Map,
}

/// A type without its containers.
pub(crate) struct Peeled<'a> {
    pub(crate) leaf: &'a Type,
    /// The outermost first.
    pub(crate) layers: Vec<Layer>,
}

/// Takes the containers off that serde and the validators see through.
pub(crate) fn peel(ty: &Type) -> Peeled<'_> {
    let mut layers = Vec::new();
    let mut leaf = ty;
    while let Some((layer, inner)) = inside(leaf) {
        layers.push(layer);
        leaf = inner;
    }
    Peeled { leaf, layers }
}

/// Whether the type is spelled `Option<..>`, which is how serde looks at it too.
pub(crate) fn is_option(ty: &Type) -> bool {
    matches!(inside(ty), Some((Layer::Option, _)))
}

fn inside(ty: &Type) -> Option<(Layer, &Type)> {
    match ty {
        Type::Array(array) => Some((Layer::List, &array.elem)),
        Type::Paren(paren) => inside(&paren.elem),
        Type::Group(group) => inside(&group.elem),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let (layer, position) = match last.ident.to_string().as_str() {
                "Option" => (Layer::Option, 0),
                "Box" | "Rc" | "Arc" => (Layer::Pointer, 0),
                "Vec" | "VecDeque" | "LinkedList" | "HashSet" | "BTreeSet" | "BinaryHeap" | "IndexSet" => {
                    (Layer::List, 0)
                }
                "HashMap" | "BTreeMap" | "IndexMap" => (Layer::Map, 1),
                _ => return None,
            };
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
            let mut types = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            Some((layer, types.nth(position)?))
        }
        _ => None,
    }
}
