use std::collections::HashMap;

use actix_router::ResourceDef;
use actix_web::http::{Method, header::HeaderValue};
use smallvec::SmallVec;

use super::pattern::Pattern;

/// Where one path leads: its parameters' names and, for each method, the endpoints that may take it.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) pattern: Pattern,
    /// Parameter names, interned: Actix wants them `'static`.
    pub(crate) names: Box<[&'static str]>,
    /// By method, the standard ones by index.
    standard: [Slot; STANDARD.len()],
    custom: Vec<(Method, Slot)>,
    /// The level whose manners the path's own 405 and OPTIONS have.
    pub(crate) level: usize,
    pub(crate) allow: HeaderValue,
    /// HEAD is answered from GET, OPTIONS from `allow`.
    pub(crate) head: bool,
    pub(crate) options: bool,
}

/// Endpoints of one method on one path, in the order in which their guards are asked.
#[derive(Debug, Default, Clone)]
pub(crate) enum Slot {
    #[default]
    Empty,
    One(usize),
    Many(Vec<usize>),
}

const STANDARD: [Method; 9] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::DELETE,
    Method::PATCH,
    Method::HEAD,
    Method::OPTIONS,
    Method::CONNECT,
    Method::TRACE,
];

fn standard_index(method: &Method) -> Option<usize> {
    STANDARD.iter().position(|standard| standard == method)
}

impl Slot {
    fn push(&mut self, endpoint: usize) {
        *self = match std::mem::take(self) {
            Self::Empty => Self::One(endpoint),
            Self::One(first) => Self::Many(vec![first, endpoint]),
            Self::Many(mut all) => {
                all.push(endpoint);
                Self::Many(all)
            }
        };
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }
}

impl Route {
    pub(crate) fn new(pattern: Pattern, names: Box<[&'static str]>, level: usize) -> Self {
        Self {
            pattern,
            names,
            standard: Default::default(),
            custom: Vec::new(),
            level,
            allow: HeaderValue::from_static(""),
            head: true,
            options: true,
        }
    }

    pub(crate) fn push(&mut self, method: &Method, endpoint: usize) {
        match standard_index(method).and_then(|index| self.standard.get_mut(index)) {
            Some(slot) => slot.push(endpoint),
            None => match self.custom.iter_mut().find(|(known, _)| known == method) {
                Some((_, slot)) => slot.push(endpoint),
                None => self.custom.push((method.clone(), Slot::One(endpoint))),
            },
        }
    }

    /// The endpoints of exactly this method.
    pub(crate) fn slot(&self, method: &Method) -> &Slot {
        const NONE: &Slot = &Slot::Empty;
        match standard_index(method) {
            Some(index) => self.standard.get(index).unwrap_or(NONE),
            None => self.custom.iter().find(|(known, _)| known == method).map_or(NONE, |(_, slot)| slot),
        }
    }

    /// Writes down `Allow`, once every endpoint is in.
    pub(crate) fn finish(&mut self) {
        let mut methods: Vec<&str> = STANDARD
            .iter()
            .chain(self.custom.iter().map(|(method, _)| method))
            .filter(|method| {
                !self.slot(method).is_empty()
                    || (**method == Method::HEAD && self.head && !self.slot(&Method::GET).is_empty())
                    || (**method == Method::OPTIONS && self.options)
            })
            .map(Method::as_str)
            .collect();
        methods.sort_unstable();
        self.allow =
            HeaderValue::from_str(&methods.join(", ")).unwrap_or_else(|_| HeaderValue::from_static(""));
    }
}

/// All routes of one router: a radix tree, and a list of regexes for what the tree cannot tell.
///
/// Which route a path leads to does not depend on the order of registration. Patterns are compared segment by segment:
/// literal text says more than a parameter with a regex or with text around it (the more text, the more), that says more
/// than `{name}`, and that more than `{rest}*`. Of all patterns that fit, the one that says more in the first segment in
/// which they differ wins. Only between two that say the same everywhere, such as `{a:[0-9]+}` and `{a:[0-9a-f]+}`, the one
/// that was registered first wins.
#[derive(Debug, Default)]
pub(crate) struct Table {
    tree: matchit::Router<usize>,
    /// What the tree cannot hold, or not beside what is in it. Ordered, as routes are: by rank.
    others: Vec<Other>,
    /// Rest parameters, by the path before the rest, until `finish_rests`.
    bare: Vec<(String, usize)>,
    /// The empty path: exactly the prefix.
    root: Option<usize>,
    /// In the order of preference.
    pub(crate) routes: Vec<Route>,
    by_key: HashMap<String, usize>,
}

/// A pattern that Actix's matcher is asked about.
#[derive(Debug)]
struct Other {
    /// The text before the first parameter: a quick way to say no.
    literal: String,
    def: ResourceDef,
    route: usize,
}

/// A route that fits, and where its parameters stand in the path.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) route: usize,
    pub(crate) values: Values,
}

/// The values of path parameters; nearly always four at most.
pub(crate) type Values = SmallVec<[String; 4]>;

impl Table {
    /// The index of the route with this pattern; makes it when there is none yet. Patterns must come in by rank.
    ///
    /// # Errors
    /// A sentence, when the same path was registered with other parameter names.
    pub(crate) fn route(
        &mut self,
        pattern: Pattern,
        level: usize,
        intern: impl Fn(&str) -> &'static str,
    ) -> Result<usize, String> {
        if let Some(&index) = self.by_key.get(&pattern.key) {
            let known = self.routes.get(index).map(|route| &route.pattern);
            return match known {
                Some(known) if known.names != pattern.names => Err(format!(
                    "is the same as `{}` with other parameter names; use the same ones",
                    known.template
                )),
                _ => Ok(index),
            };
        }
        let index = self.routes.len();
        match &pattern.radix {
            Some(radix) if radix.is_empty() => self.root = Some(index),
            Some(radix) if self.tree.insert(radix.as_str(), index).is_ok() => {
                if pattern.has_rest {
                    let bare = radix.rfind("{*").and_then(|at| radix.get(..at)).unwrap_or_default();
                    self.bare.push((bare.to_owned(), index));
                }
            }
            // Not for the tree, or in conflict with what is there, such as `/{rest}*` beside `/{name}`.
            _ => self.others.push(Other {
                literal: pattern.literal.clone(),
                def: pattern.resource_def(),
                route: index,
            }),
        }
        let names = pattern.names.iter().map(|name| intern(name)).collect();
        self.by_key.insert(pattern.key.clone(), index);
        self.routes.push(Route::new(pattern, names, level));
        Ok(index)
    }

    /// Lets rest parameters take the empty rest, as Actix's `{tail:.*}` does, where that path is not a route of its own.
    pub(crate) fn finish_rests(&mut self) {
        for (bare, index) in std::mem::take(&mut self.bare) {
            let _ = self.tree.insert(bare, index);
        }
    }

    /// Lets a route take the empty path too, unless there is one for it.
    pub(crate) fn take_empty_path(&mut self, route: usize) {
        self.root.get_or_insert(route);
    }

    /// The route that a path leads to.
    pub(crate) fn find(&self, path: &str) -> Option<Found> {
        if path.is_empty() {
            return self.root.map(|route| Found { route, values: Values::new() });
        }
        let in_tree = self.tree.at(path).ok();
        let before = in_tree.as_ref().map_or(usize::MAX, |found| *found.value);
        if let Some(found) = self.find_other(path, before) {
            return Some(found);
        }
        let found = in_tree?;
        let route = *found.value;
        let expected = self.routes.get(route).map_or(0, |route| route.names.len());
        let mut values: Values = found.params.iter().map(|(_, value)| value.to_owned()).collect();
        if values.len() < expected {
            // The bare form of a rest parameter.
            values.push(String::new());
        }
        Some(Found { route, values })
    }

    /// The first route of those beside the tree that fits, if it comes before that one.
    fn find_other(&self, path: &str, before: usize) -> Option<Found> {
        if self.routes.get(before).is_some_and(|route| route.pattern.is_static()) {
            return None;
        }
        self.others.iter().take_while(|other| other.route < before).find_map(|other| {
            if !path.starts_with(&other.literal) {
                return None;
            }
            let mut matched = actix_router::Path::new(path);
            other.def.capture_match_info(&mut matched).then(|| Found {
                route: other.route,
                values: matched.iter().map(|(_, value)| value.to_owned()).collect(),
            })
        })
    }
}

#[cfg(test)]
mod tests;
