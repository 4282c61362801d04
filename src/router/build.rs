//! From what was said to what is served: layers merged, routes gathered, every fault told.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::http::Method;

use super::{
    MountErrors, Router,
    assemble::assemble,
    controller::{BoundController, BoundOperation},
    pages::DocumentPages,
    pattern::Pattern,
    plan::{Endpoint, Level, Plan, scheme_documents},
    router::{DocumentAt, Item},
    table::Table,
};
use crate::{
    document::{Document, DocumentFault},
    endpoint::{Draft, MountedOperation, Options, Rule, Voice},
    security::{Chain, ErasedScheme, check_identity, check_registered, resolve},
};

/// What the layers above an operation say.
#[derive(Clone, Default)]
struct Layers {
    /// Below the outermost prefix.
    path: String,
    tags: Vec<Cow<'static, str>>,
    deprecated: bool,
    hidden: bool,
    options: Options,
    schemes: Vec<Arc<dyn ErasedScheme>>,
    nodes: Vec<usize>,
    data: Vec<usize>,
    level: usize,
    /// The documents that tell of this: indices into `Builder::documents`.
    documents: Vec<usize>,
    /// The same of live channels.
    #[cfg(feature = "live")]
    asyncapis: Vec<usize>,
}

/// An operation with its pattern, before the table is laid out.
struct Placed {
    pattern: Pattern,
    method: Method,
    level: usize,
    guarded: bool,
    head: bool,
    options: bool,
    may_shadow: bool,
    label: String,
    endpoint: Endpoint,
}

#[derive(Default)]
struct Builder {
    /// As Actix writes it.
    prefix: String,
    prefix_names: Vec<String>,
    placed: Vec<Placed>,
    levels: Vec<Level>,
    nodes: Vec<Vec<crate::endpoint::Wrap>>,
    data: Vec<Vec<super::router::DataFactory>>,
    operations: Vec<(MountedOperation, Vec<usize>)>,
    schemes: Vec<Arc<dyn ErasedScheme>>,
    documents: Vec<(DocumentAt, Arc<DocumentPages>)>,
    #[cfg(feature = "live")]
    asyncapis: Vec<(super::router::AsyncApiAt, Arc<super::asyncapi::AsyncApiPages>)>,
    #[cfg(feature = "live")]
    lives: Vec<super::asyncapi::PlacedLive>,
    faults: Vec<String>,
}

pub(crate) fn plan(router: &Router) -> Result<Plan, MountErrors> {
    let mut builder =
        Builder { prefix: router.prefix.trim_end_matches('/').to_owned(), ..Builder::default() };
    let prefix = match Pattern::parse(&builder.prefix) {
        Ok(prefix) if prefix.has_rest => Err("takes the rest of the path".to_owned()),
        parsed => parsed,
    };
    match &prefix {
        Ok(prefix) => {
            builder.prefix.clone_from(&prefix.actix);
            builder.prefix_names.clone_from(&prefix.names);
        }
        Err(wrong) => builder.faults.push(format!("the prefix `{}` {wrong}", router.prefix)),
    }
    let outer = Layers { options: router.application.clone(), ..Layers::default() };
    builder.router(router, &outer, "");
    builder.finish(router, prefix.unwrap_or_default())
}

impl Builder {
    fn router(&mut self, router: &Router, outer: &Layers, path: &str) {
        let mut layers = outer.clone();
        layers.path = join(&outer.path, path);
        layers.tags.extend(router.tags.iter().cloned());
        layers.deprecated |= router.deprecated;
        layers.hidden |= router.hidden;
        layers.options = router.options.over(&outer.options);
        layers.schemes.extend(router.schemes.iter().cloned());
        self.schemes.extend(router.schemes.iter().cloned());
        self.add_node(&router.wraps, &mut layers);
        if !router.data.is_empty() {
            layers.data.push(self.data.len());
            self.data.push(router.data.clone());
        }
        layers.level = self.levels.len();
        match Voice::new(&layers.options) {
            Ok(voice) => self.levels.push(Level {
                prefix: template_of(&layers.path),
                voice,
                nodes: layers.nodes.clone(),
                data: layers.data.clone(),
            }),
            Err(wrong) => {
                return self.faults.push(format!("the router at `{}{}` {wrong}", self.prefix, layers.path));
            }
        }
        let mut pages = Vec::new();
        for document in &router.documents {
            layers.documents.push(self.documents.len());
            let shared =
                Arc::new(DocumentPages::new(format!("{}{}{}", self.prefix, layers.path, document.path)));
            pages.push(DocumentPages::controller(document, Arc::clone(&shared)));
            self.documents.push((document.clone(), shared));
        }
        #[cfg(feature = "live")]
        for at in &router.asyncapis {
            layers.asyncapis.push(self.asyncapis.len());
            let shared = Arc::new(super::asyncapi::AsyncApiPages::default());
            pages.push(super::asyncapi::AsyncApiPages::controller(at, Arc::clone(&shared)));
            self.asyncapis.push((at.clone(), shared));
        }
        for controller in &pages {
            self.controller(controller, &layers);
        }
        for item in &router.items {
            match item {
                Item::Controller(controller) => self.controller(controller, &layers),
                Item::Router(inner) => {
                    if !starts_a_segment(&inner.prefix) {
                        self.faults
                            .push(format!("the prefix `{}` must start with `/`, or be empty", inner.prefix));
                    }
                    self.router(inner, &layers, inner.prefix.trim_end_matches('/'));
                }
            }
        }
    }

    fn add_node(&mut self, wraps: &[crate::endpoint::Wrap], layers: &mut Layers) {
        if !wraps.is_empty() {
            layers.nodes.push(self.nodes.len());
            self.nodes.push(wraps.to_vec());
        }
    }

    fn controller(&mut self, controller: &BoundController, outer: &Layers) {
        let mut layers = outer.clone();
        if !starts_a_segment(&controller.path) {
            self.faults.push(format!(
                "the path `{}` of the controller {} must start with `/`, or be empty",
                controller.path, controller.name
            ));
        }
        layers.path = join(&outer.path, &controller.path);
        layers.tags.extend(controller.tags.iter().cloned());
        layers.deprecated |= controller.deprecated;
        layers.hidden |= controller.hidden;
        layers.options = controller.options.over(&outer.options);
        self.add_node(&controller.wraps, &mut layers);
        for operation in &controller.operations {
            let mut layers = layers.clone();
            self.add_node(&operation.draft.wraps, &mut layers);
            self.operation(&controller.name, operation, &layers);
        }
        #[cfg(feature = "live")]
        if let Some(mount) = &controller.live {
            self.live(mount, &layers);
        }
    }

    fn operation(&mut self, controller: &str, operation: &BoundOperation, layers: &Layers) {
        let draft = &*operation.draft;
        let path = join(&layers.path, &draft.spec.path);
        let label = format!("{} {}{path}", draft.spec.method, self.prefix);
        let options = draft.options.over(&layers.options);
        let mut faults = Vec::new();
        if !starts_a_segment(&draft.spec.path) {
            faults.push(format!("the path `{}` must start with `/`, or be empty", draft.spec.path));
        }
        // A part without a slash was told above, or is the fault of a layer around this.
        let pattern = starts_a_segment(&path)
            .then(|| Pattern::parse(&path).map_err(|wrong| faults.push(format!("the path {wrong}"))).ok())
            .flatten();
        for name in pattern.iter().flat_map(|pattern| &pattern.names) {
            if self.prefix_names.contains(name) {
                faults.push(format!("the path has two parameters called `{name}`"));
            }
        }
        let chain = self.chain(draft, &options, layers, &mut faults);
        let assembled = assemble(controller, operation, &options, chain, &label, &mut faults);
        self.faults.extend(faults.into_iter().map(|fault| format!("{label}: {fault}")));
        let (Some(pattern), Some(mut assembled)) = (pattern, assembled) else { return };
        assembled.mounted.wrapped = !layers.nodes.is_empty();
        assembled.mounted.pattern = format!("{}{}", self.prefix, pattern.actix);
        assembled.described.path = format!("{}{}", template_of(&self.prefix), pattern.template);
        if assembled.described.path.is_empty() {
            assembled.described.path.push('/');
        }
        let mut tags = layers.tags.clone();
        for tag in &draft.spec.tags {
            if !tags.contains(tag) {
                tags.push(tag.clone());
            }
        }
        assembled.described.tags = tags;
        assembled.described.spec.deprecated |= layers.deprecated;
        assembled.described.spec.hidden |= layers.hidden;
        self.operations.push((assembled.described, layers.documents.clone()));
        self.placed.push(Placed {
            pattern,
            method: draft.spec.method.clone(),
            level: layers.level,
            guarded: !draft.guards.is_empty(),
            head: options.head.unwrap_or(true),
            options: options.options.unwrap_or(true),
            may_shadow: options.allowed.unwrap_or_default().has(Rule::ShadowedRoute),
            label,
            endpoint: Endpoint {
                mounted: Arc::new(assembled.mounted),
                bound: Arc::clone(&operation.bound),
                route: 0,
                guards: draft.guards.clone(),
                nodes: layers.nodes.clone(),
                data: layers.data.clone(),
            },
        });
    }

    /// Whether whom the schemes find fits to what the channels ask for.
    #[cfg(feature = "live")]
    fn live(&mut self, mount: &Arc<crate::live::Mount>, layers: &Layers) {
        let chain = match &layers.options.security {
            Some(requirement) => match resolve(requirement, &layers.schemes) {
                Ok(chain) => chain,
                // Told with each of the operations.
                Err(_) => return,
            },
            None => None,
        };
        let label = format!("the live channels at {}{}", self.prefix, layers.path);
        let faults = mount.faults(chain.as_ref());
        self.faults.extend(faults.into_iter().map(|fault| format!("{label}: {fault}")));
        let path = format!("{}{}/websocket", template_of(&self.prefix), template_of(&layers.path));
        let websocket = self.operations.iter().map(|(operation, _)| operation).find(|one| one.path == path);
        if let Some(websocket) = websocket.cloned() {
            let (mount, documents) = (Arc::clone(mount), layers.asyncapis.clone());
            self.lives.push(super::asyncapi::PlacedLive { mount, websocket, documents });
        }
    }

    fn chain(
        &self,
        draft: &Draft,
        options: &Options,
        layers: &Layers,
        faults: &mut Vec<String>,
    ) -> Option<Chain> {
        let Some(requirement) = &options.security else {
            faults.extend(check_identity(draft.spec.identity, None));
            if draft.scopes.is_some() {
                faults.push(
                    "asks for scopes, but no security scheme is required that could grant them".to_owned(),
                );
            }
            return None;
        };
        let requirement = match &draft.scopes {
            Some(scopes) => requirement.clone().with_scopes(scopes),
            None => requirement.clone(),
        };
        match resolve(&requirement, &layers.schemes) {
            Ok(chain) => {
                faults.extend(check_identity(draft.spec.identity, chain.as_ref()));
                if chain.as_ref().is_some_and(|chain| chain.optional)
                    && draft.spec.identity.is_some()
                    && !draft.spec.identity_optional
                {
                    let wrong = "the scheme is optional, so nobody may be found: take `Option<Identity<..>>`";
                    faults.push(wrong.to_owned());
                }
                chain
            }
            Err(wrong) => {
                faults.extend(wrong);
                None
            }
        }
    }

    fn finish(mut self, router: &Router, prefix: Pattern) -> Result<Plan, MountErrors> {
        self.faults.extend(check_registered(&self.schemes));
        self.doubled_operation_ids();
        let (table, endpoints) = self.lay_out();
        let operations: Vec<MountedOperation> =
            self.operations.iter().map(|(operation, _)| operation.clone()).collect();
        for (index, (at, pages)) in self.documents.iter().enumerate() {
            let told: Vec<MountedOperation> = self
                .operations
                .iter()
                .filter(|(operation, documents)| documents.contains(&index) && !operation.spec.hidden)
                .map(|(operation, _)| operation.clone())
                .collect();
            match Document::build(&at.info, &told, &scheme_documents(&self.schemes, &told)) {
                Ok(document) => pages.fill(document, !at.info.servers.is_empty()),
                Err(faults) => {
                    let faults = faults.iter().filter(|fault| !told_by_table(fault, self.faults.is_empty()));
                    let faults: Vec<_> =
                        faults.map(|fault| format!("the document at {}: {fault}", at.path)).collect();
                    self.faults.extend(faults);
                }
            }
        }
        #[cfg(feature = "live")]
        for (index, (at, pages)) in self.asyncapis.iter().enumerate() {
            let told: Vec<_> = self.lives.iter().filter(|live| live.documents.contains(&index)).collect();
            if let Err(faults) = pages.fill(at, &told, &self.schemes) {
                let faults = faults.into_iter().map(|fault| format!("the document at {}: {fault}", at.path));
                self.faults.extend(faults);
            }
        }
        MountErrors::from_faults(self.faults)?;
        Ok(Plan {
            prefix,
            table,
            endpoints,
            levels: self.levels,
            nodes: self.nodes,
            data: self.data,
            operations,
            schemes: self.schemes,
            slash: router.slash,
        })
    }

    fn doubled_operation_ids(&mut self) {
        let mut seen: HashMap<&str, &MountedOperation> = HashMap::new();
        for (operation, _) in self.operations.iter().filter(|(operation, _)| !operation.spec.hidden) {
            if let Some(first) = seen.insert(&operation.operation_id, operation) {
                let (a, b) = (&first.spec.method, &operation.spec.method);
                self.faults.push(format!(
                    "{a} {} and {b} {} have the same operationId `{}`; give one of them `operation_id = \"..\"`",
                    first.path, operation.path, operation.operation_id
                ));
            }
        }
    }

    /// Puts every endpoint into the table, the most specific patterns first.
    fn lay_out(&mut self) -> (Table, Vec<Endpoint>) {
        let mut table = Table::default();
        let mut placed = std::mem::take(&mut self.placed);
        let mut order: Vec<usize> = (0..placed.len()).collect();
        order.sort_by_cached_key(|&index| placed.get(index).map(|p| (p.pattern.rank().to_vec(), index)));
        let mut routes = HashMap::new();
        // Asked for as the router itself: `/` in an `App`, the scope's own path in a `web::scope`.
        let mut bare = Vec::new();
        for index in order {
            let Some(one) = placed.get_mut(index) else { continue };
            if self.prefix.is_empty() && one.pattern.actix.is_empty() {
                one.pattern = Pattern::parse("/").unwrap_or_else(|_| one.pattern.clone());
                bare.push(index);
            }
            match table.route(one.pattern.clone(), one.level, intern) {
                Ok(route) => {
                    routes.insert(index, route);
                }
                Err(wrong) => self.faults.push(format!("{}: the path {wrong}", one.label)),
            }
        }
        table.finish_rests();
        if let Some(route) = bare.first().and_then(|index| routes.get(index)) {
            table.take_empty_path(*route);
        }
        let mut open: HashMap<(usize, Method), String> = HashMap::new();
        for (index, one) in placed.iter_mut().enumerate() {
            let Some(&at) = routes.get(&index) else { continue };
            one.endpoint.route = at;
            let Some(route) = table.routes.get_mut(at) else { continue };
            let key = (at, one.method.clone());
            if let Some(first) = open.get(&key) {
                if !one.guarded {
                    self.faults.push(format!("{first} is declared twice"));
                } else if !one.may_shadow {
                    self.faults.push(format!(
                        "{first} has a guard, but an earlier one without a guard takes every request"
                    ));
                }
            } else if !one.guarded {
                open.insert(key, one.label.clone());
            }
            route.push(&one.method, index);
            route.head &= one.head;
            route.options &= one.options;
            route.level = route.level.max(one.level);
        }
        table.routes.iter_mut().for_each(super::table::Route::finish);
        (table, placed.into_iter().map(|one| one.endpoint).collect())
    }
}

/// Whether the table has a sentence for this already.
fn told_by_table(fault: &DocumentFault, table_is_fine: bool) -> bool {
    match fault {
        DocumentFault::DoubledOperationId { .. } => true,
        // Two that guards tell apart are fine for the table.
        DocumentFault::DoubledOperation { .. } | DocumentFault::SamePath { .. } => !table_is_fine,
        _ => false,
    }
}

/// Whether the text can be appended to another path.
fn starts_a_segment(path: &str) -> bool {
    path.is_empty() || path.starts_with('/')
}

fn join(outer: &str, inner: &str) -> String {
    format!("{}{inner}", outer.trim_end_matches('/'))
}

/// The prefix as the document shows it.
fn template_of(prefix: &str) -> String {
    Pattern::parse(prefix).map_or_else(|_| prefix.to_owned(), |pattern| pattern.template)
}

/// Names live as long as the program: Actix wants `'static` ones. The same name is kept once, however often it is mounted.
fn intern(name: &str) -> &'static str {
    static NAMES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.iter().find(|known| **known == name) {
        return known;
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.push(kept);
    kept
}
