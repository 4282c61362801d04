//! From what was said to what is asked: layers merged, every fault told.

use std::{collections::HashMap, sync::Arc};

use super::{
    ChannelLayer, Live,
    channel::{BoundChannel, BoundLive},
    command::Command,
    declared::{DeclaredChannel, DeclaredChannels, Kind, WantedIdentity},
    operation::Asked,
    pattern::ChannelPattern,
    personal::PersonalLogic,
    table::Table,
};
use crate::{
    endpoint::{Input, Options, OutputContent, Rules, checks},
    live::{ChannelOptions, protocol::ErrorCode},
    media::Parsing,
    problem::In,
    request::Reading,
};

pub(super) fn declare(live: &Live) -> Result<DeclaredChannels, Vec<String>> {
    let mut builder = Builder { live, faults: Vec::new(), kinds: Vec::new(), identities: Vec::new() };
    builder.namespaces();
    builder.errors("the live channels", &live.errors);
    for channel in &live.channels {
        builder.channel(channel);
    }
    let mut personal = Vec::new();
    for one in &live.personal {
        let label = format!("the personal channel `{}`", one.pattern);
        let pattern = builder.pattern(&label, &one.pattern);
        let options = builder.options(&label, pattern.as_ref(), &one.layer);
        if pattern.as_ref().is_some_and(|pattern| pattern.names().len() != 1) {
            builder.faults.push(format!("{label} needs one parameter, the user's id: `user:{{user}}`"));
            continue;
        }
        if let (Some(pattern), Some((_, options))) = (pattern, options) {
            let logic = Arc::new(PersonalLogic { pattern: pattern.clone(), options });
            builder.kinds.push((pattern, Kind::Personal(Arc::clone(&logic))));
            personal.push(logic);
        }
    }
    let Builder { mut faults, kinds, identities, .. } = builder;
    let table = Table::new(kinds).map_err(|wrong| faults.extend(wrong));
    match table {
        Ok(table) if faults.is_empty() => {
            Ok(DeclaredChannels { table, personal, identities, on_message: live.on_message.clone() })
        }
        _ => Err(faults),
    }
}

struct Builder<'a> {
    live: &'a Live,
    faults: Vec<String>,
    kinds: Vec<(ChannelPattern, Kind)>,
    identities: Vec<WantedIdentity>,
}

impl Builder<'_> {
    fn namespaces(&mut self) {
        for (at, (name, _)) in self.live.namespaces.iter().enumerate() {
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
                self.faults.push(format!(
                    "the namespace `{name}` must be visible ASCII without `:`: what stands before the first `:` of a name"
                ));
            }
            if self.live.namespaces.iter().take(at).any(|(earlier, _)| earlier == name) {
                self.faults.push(format!("the namespace `{name}` is given twice"));
            }
        }
    }

    fn errors(&mut self, label: &str, errors: &[(std::borrow::Cow<'static, str>, u32)]) {
        for (at, (code, number)) in errors.iter().enumerate() {
            if ErrorCode::own(*number).is_none() {
                self.faults.push(format!(
                    "{label}: the error `{code}` has the number {number}; those of an application go from 400 to 1999"
                ));
            }
            if errors.iter().take(at).any(|(earlier, _)| earlier == code) {
                self.faults.push(format!("{label}: the error `{code}` is given two numbers"));
            }
        }
    }

    fn pattern(&mut self, label: &str, text: &str) -> Option<ChannelPattern> {
        match ChannelPattern::parse(text) {
            Ok(pattern) => Some(pattern),
            Err(wrong) => {
                self.faults.extend(wrong.into_iter().map(|wrong| format!("{label} {wrong}")));
                None
            }
        }
    }

    /// All layers together, and what comes out.
    fn options(
        &mut self,
        label: &str,
        pattern: Option<&ChannelPattern>,
        layer: &ChannelLayer,
    ) -> Option<(ChannelLayer, ChannelOptions)> {
        let namespace = pattern.and_then(ChannelPattern::namespace);
        let shared = self.live.namespaces.iter().find(|(name, _)| Some(&**name) == namespace);
        let layer = match shared {
            Some((_, shared)) => layer.over(shared).over(&self.live.layer),
            None => layer.over(&self.live.layer),
        };
        match layer.resolve() {
            Ok(options) => Some((layer, options)),
            Err(wrong) => {
                self.faults.extend(wrong.into_iter().map(|wrong| format!("{label}: {wrong}")));
                None
            }
        }
    }

    fn channel(&mut self, channel: &BoundChannel) {
        let about = &channel.about;
        let label = format!("the channel `{}`", about.pattern);
        let pattern = self.pattern(&label, &about.pattern);
        let options = self.options(&label, pattern.as_ref(), &about.layer);
        self.errors(&label, &about.errors);
        let (mut subscribe, mut publish, mut calls) = (None, None, HashMap::new());
        for operation in &channel.operations {
            let draft = &*operation.draft;
            let what = match draft.asked {
                Asked::Subscribe => format!("subscribe to `{}`", about.pattern),
                Asked::Publish => format!("publish to `{}`", about.pattern),
                Asked::Rpc => format!("call `{}/{}`", about.pattern, draft.method),
            };
            let command = self.command(channel, operation, &what, options.as_ref().map(|(layer, _)| layer));
            let doubled = match draft.asked {
                Asked::Subscribe => subscribe.replace(command).is_some(),
                Asked::Publish => publish.replace(command).is_some(),
                Asked::Rpc => {
                    if draft.method.is_empty() || draft.method.contains('/') || !draft.method.is_ascii() {
                        self.faults.push(format!(
                            "{what}: the name of a method is ASCII without `/`, which stands between it and the channel"
                        ));
                    }
                    calls.insert(Box::<str>::from(&*draft.method), command).is_some()
                }
            };
            if doubled {
                self.faults.push(format!("{what} is declared twice"));
            }
        }
        if subscribe.is_none() {
            self.faults.push(format!(
                "{label} says of nobody that they may listen; add a `#[subscribe]` method, an empty one for everybody"
            ));
        }
        if let (Some(pattern), Some((layer, options))) = (pattern, options) {
            let declared =
                DeclaredChannel { pattern: pattern.clone(), options, layer, subscribe, publish, calls };
            self.kinds.push((pattern, Kind::Declared(Arc::new(declared))));
        }
    }

    fn command(
        &mut self,
        channel: &BoundChannel,
        operation: &BoundLive,
        label: &str,
        layer: Option<&ChannelLayer>,
    ) -> Arc<Command> {
        let draft = &*operation.draft;
        self.errors(label, &draft.errors);
        let wrong = inputs(operation).into_iter().chain(outputs(operation));
        self.faults.extend(wrong.map(|wrong| format!("{label}: {wrong}")));
        if let Some(identity) = draft.spec.identity {
            let optional = draft.spec.identity_optional;
            self.identities.push(WantedIdentity { label: label.to_owned(), identity, optional });
        }
        let limit = draft.data_limit.or(layer.map(ChannelLayer::get_data_limit)).unwrap_or(usize::MAX);
        let reading = Reading::new(&Options::new().body_limit(limit), vec![Parsing::Json]);
        let codes = draft.errors.iter().chain(&channel.about.errors).chain(&self.live.errors);
        Arc::new(Command {
            asked: draft.asked,
            label: label.to_owned(),
            run: Arc::clone(&operation.run),
            reading: Arc::new(reading),
            codes: codes.cloned().collect(),
        })
    }
}

/// What cannot be read from a command.
fn inputs(operation: &BoundLive) -> Vec<String> {
    let inputs = operation.draft.spec.inputs.iter();
    inputs
        .filter_map(|input| match input {
            Input::Parameters { location: In::Path, .. } => None,
            Input::Parameters { location, .. } => Some(format!(
                "it reads the {location} of a request, and a command has none; send it in the data"
            )),
            Input::Body { media_types, .. } if !media_types.is_empty() => {
                Some("it reads a body that is not JSON; a command's data is read with `Body<T>`".to_owned())
            }
            Input::Body { .. } => None,
        })
        .collect()
}

/// What cannot be answered to a command.
fn outputs(operation: &BoundLive) -> Vec<String> {
    let draft = &*operation.draft;
    let mut faults = checks::declaration_faults(&operation.declared, &draft.spec, Rules::default(), 200);
    if checks::is_unknown(&operation.declared) && draft.declares.is_empty() {
        faults.push("its return type does not say what it answers; add `declares(404)`".to_owned());
    }
    for output in draft.spec.outputs.iter().chain(&draft.declares) {
        let status = output.status.unwrap_or(200);
        if status >= 400 {
            continue;
        }
        if status >= 300 {
            faults.push(format!("it answers {status}, which means nothing to a channel"));
        }
        if !output.cookies.is_empty() {
            faults.push("it sets a cookie, and the answer to a command has none".to_owned());
        }
        let nothing = match &output.content {
            OutputContent::Media(media_type, _) => {
                faults.push(format!("it answers with {media_type}; a channel has nothing but JSON"));
                false
            }
            OutputContent::Empty => true,
            OutputContent::Model(schema) => *schema == crate::model::SchemaOf::of::<()>(),
            OutputContent::Problem | OutputContent::Any => false,
        };
        if nothing && draft.asked == Asked::Publish {
            faults.push(
                "it returns nothing, so there is nothing to broadcast; return what was published".to_owned(),
            );
        }
    }
    faults
}
