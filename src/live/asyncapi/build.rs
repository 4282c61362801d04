use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value, json};

use super::dialect::{security_scheme, server, to_draft_07};
use crate::{
    document::{Info, Schemas, SchemeDoc, parameters, put},
    endpoint::{Input, MountedOperation, OperationSpec, Output, OutputContent},
    live::{
        Live,
        channel::{About, Asked, BoundChannel, BoundLive, ChannelPattern, Personal, error_of_status},
    },
    model::SchemaOf,
    problem::ProblemDetails,
    router::{snake, words},
};

/// The whole document as JSON.
pub(super) fn build(
    live: &Live,
    info: &Info,
    path: &str,
    schemes: &[SchemeDoc],
) -> Result<Value, Vec<String>> {
    let shown: Vec<&BoundChannel> = live.channels.iter().filter(|channel| !channel.about.hidden).collect();
    let mut faults = doubled(&shown);
    let of_personal =
        live.personal.iter().map(|personal| as_mounted(sent(&personal.sends), &personal.pattern));
    let of_channels = shown.iter().flat_map(|channel| mounted(channel));
    let read: Vec<MountedOperation> = of_channels.chain(of_personal).collect();
    let schemas = Schemas::of(&read.iter().collect::<Vec<_>>());

    let mut channels = Map::new();
    let mut operations = BTreeMap::new();
    for channel in &shown {
        let one = Told { channel, live, schemas: &schemas };
        channels.insert(channel.about.name.to_string(), one.channel_object(&mut operations));
    }
    for personal in &live.personal {
        let (name, object) = personal_object(personal, &schemas, &mut operations);
        channels.insert(name, object);
    }
    let servers = servers(info, path, schemes);
    if servers.is_empty() && !schemes.is_empty() {
        for operation in operations.values_mut().filter_map(Value::as_object_mut) {
            if operation.get("action").is_some_and(|action| action == "receive") {
                operation.insert("security".into(), references(schemes));
            }
        }
    }
    let mut body = json!({"channels": channels, "operations": operations});
    let mut doubled_names = Vec::new();
    let mut components = Value::Object(schemas.name(&mut body, &mut doubled_names));
    faults.extend(doubled_names.iter().map(ToString::to_string));
    if !faults.is_empty() {
        return Err(faults);
    }
    to_draft_07(&mut components);
    payloads(&mut body);

    let mut document = Map::new();
    document.insert("asyncapi".into(), "3.0.0".into());
    document.insert("info".into(), info_object(info));
    document.insert("defaultContentType".into(), "application/json".into());
    if !servers.is_empty() {
        document.insert("servers".into(), servers.into());
    }
    if let Value::Object(body) = body {
        document.extend(body);
    }
    let mut all = Map::new();
    if components.as_object().is_some_and(|schemas| !schemas.is_empty()) {
        all.insert("schemas".into(), components);
    }
    if !schemes.is_empty() {
        let schemes: BTreeMap<&str, Value> =
            schemes.iter().map(|scheme| (scheme.name.as_str(), security_scheme(&scheme.value))).collect();
        all.insert("securitySchemes".into(), json!(schemes));
    }
    if !all.is_empty() {
        document.insert("components".into(), all.into());
    }
    Ok(document.into())
}

/// Channels that want one name.
fn doubled(channels: &[&BoundChannel]) -> Vec<String> {
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for channel in channels {
        names.entry(&channel.about.name).or_default().push(&channel.about.pattern);
    }
    let fault = |(name, patterns): (&str, Vec<&str>)| {
        let patterns = patterns.join("` and `");
        match name {
            "" => format!("the channels `{patterns}` have no name, which the document needs"),
            _ => format!(
                "the channels `{patterns}` are both called `{name}`; give one of them `name = \"..\"`"
            ),
        }
    };
    names.into_iter().filter(|(name, all)| all.len() > 1 || name.is_empty()).map(fault).collect()
}

/// The operations as the gathering of schemas reads them, and one more for what the server itself sends.
fn mounted(channel: &BoundChannel) -> Vec<MountedOperation> {
    let declared = channel.operations.iter().map(|operation| {
        let mut spec = operation.draft.spec.clone();
        spec.outputs.extend(operation.draft.declares.iter().cloned());
        // Problems are errors of the protocol here, so their model is not shown.
        spec.outputs.retain(|output| output.content != OutputContent::Problem);
        spec
    });
    let all = declared.chain([sent(&channel.about.sends)]);
    all.map(|spec| as_mounted(spec, &channel.about.pattern)).collect()
}

/// What the server itself sends, as answers.
fn sent(schemas: &[SchemaOf]) -> OperationSpec {
    let mut sent = OperationSpec::new(actix_web::http::Method::POST, Cow::Borrowed(""));
    sent.outputs.extend(schemas.iter().map(|schema| Output::new(Some(200), OutputContent::Model(*schema))));
    sent
}

fn as_mounted(spec: OperationSpec, pattern: &str) -> MountedOperation {
    MountedOperation {
        spec,
        path: ChannelPattern::parse(pattern).map_or_else(|_| String::new(), |pattern| pattern.template()),
        operation_id: String::new(),
        tags: Vec::new(),
        parsers: Vec::new(),
        renderers: Vec::new(),
        security: Vec::new(),
        security_optional: false,
        error_model: Arc::new(ProblemDetails),
    }
}

/// One channel with what its schemas are found in.
struct Told<'a> {
    channel: &'a BoundChannel,
    live: &'a Live,
    schemas: &'a Schemas,
}

impl Told<'_> {
    fn about(&self) -> &About {
        &self.channel.about
    }

    fn channel_object(&self, operations: &mut BTreeMap<String, Value>) -> Value {
        let about = self.about();
        let mut messages = Map::new();
        for operation in self.channel.operations.iter().filter(|operation| !operation.draft.spec.hidden) {
            self.operation(operation, &mut messages, operations);
        }
        let mut sent = Vec::new();
        for schema in &about.sends {
            let name = words(&schema.name());
            messages.insert(name.clone(), message(&name, "Sent by the server", self.schemas.output(schema)));
            sent.push(name);
        }
        if !sent.is_empty() {
            let id = format!("{}_sent", snake(&about.name));
            operations.insert(id, self.operation_object("send", None, &sent));
        }
        let mut object = address(&about.pattern);
        put(&mut object, "title", about.summary.as_ref());
        put(&mut object, "description", about.description.as_ref());
        let parameters = self.parameters();
        if !parameters.is_empty() {
            object.insert("parameters".into(), parameters.into());
        }
        if !about.tags.is_empty() {
            let tags: Vec<Value> = about.tags.iter().map(|tag| json!({"name": tag})).collect();
            object.insert("tags".into(), tags.into());
        }
        object.insert("messages".into(), messages.into());
        object.into()
    }

    /// What any of the methods knows of the values in the name.
    fn parameters(&self) -> Map<String, Value> {
        let mut all: Map<String, Value> = Map::new();
        for operation in mounted(self.channel) {
            for parameter in parameters(&operation, self.schemas) {
                let Some(name) = parameter.get("name").and_then(Value::as_str) else { continue };
                if parameter.get("in").is_none_or(|place| place != "path") {
                    continue;
                }
                let told = all.entry(name).or_insert_with(|| json!({}));
                let schema = parameter.get("schema");
                let schema = schema.map(|schema| self.schemas.target(schema).unwrap_or(schema));
                let told_of = |key: &str| parameter.get(key).or_else(|| schema?.get(key));
                let words = [("description", told_of("description")), ("enum", told_of("enum"))];
                for (key, value) in words {
                    // All parameters are texts in AsyncAPI 3.0.
                    let texts = value.is_some_and(|value| match value {
                        Value::Array(values) => values.iter().all(Value::is_string),
                        other => other.is_string(),
                    });
                    if let (Some(told), Some(value), true) = (told.as_object_mut(), value, texts) {
                        told.entry(key).or_insert_with(|| value.clone());
                    }
                }
            }
        }
        all
    }

    fn operation(
        &self,
        operation: &BoundLive,
        messages: &mut Map<String, Value>,
        operations: &mut BTreeMap<String, Value>,
    ) {
        let draft = &*operation.draft;
        let name =
            if draft.spec.name.is_empty() { words(&label(operation)) } else { draft.spec.name.to_string() };
        let id = format!("{}_{name}", snake(&self.about().name));
        let mut add = |name: &str, summary: &str, payload: Value| {
            messages.insert(name.to_owned(), message(name, summary, payload));
            name.to_owned()
        };
        let what = label(operation);
        let request = add(&name, &what, self.request(operation));
        let mut reply = Vec::new();
        if let Some(schema) = self.success(operation) {
            match draft.asked {
                Asked::Publish => {
                    let sent = add(&format!("{name}_broadcast"), "What is broadcast for it", schema);
                    let object = self.operation_object("send", None, std::slice::from_ref(&sent));
                    operations.insert(format!("{id}_broadcast"), object);
                }
                Asked::Subscribe => {
                    reply.push(add(&format!("{name}_reply"), "What a subscriber is given", schema));
                }
                Asked::Rpc => reply.push(add(&format!("{name}_reply"), "The result", schema)),
            }
        }
        reply.push(add(&format!("{name}_error"), "Why it is refused", self.errors(operation)));
        let mut object = self.operation_object("receive", Some(&draft.spec), &[request]);
        if let Some(object) = object.as_object_mut() {
            let messages = self.message_references(&reply);
            object.insert("reply".into(), json!({"channel": self.reference(), "messages": messages}));
        }
        operations.insert(id, object);
    }

    fn operation_object(&self, action: &str, spec: Option<&OperationSpec>, messages: &[String]) -> Value {
        let mut object = Map::new();
        object.insert("action".into(), action.into());
        object.insert("channel".into(), self.reference());
        if let Some(spec) = spec {
            put(&mut object, "summary", spec.summary.as_ref());
            put(&mut object, "description", spec.description.as_ref());
            if spec.deprecated {
                object.insert("x-deprecated".into(), true.into());
            }
        }
        object.insert("messages".into(), self.message_references(messages));
        object.into()
    }

    fn reference(&self) -> Value {
        json!({"$ref": format!("#/channels/{}", token(&self.about().name))})
    }

    fn message_references(&self, names: &[String]) -> Value {
        let channel = token(&self.about().name);
        names
            .iter()
            .map(|name| json!({"$ref": format!("#/channels/{channel}/messages/{}", token(name))}))
            .collect()
    }

    /// The data of the command.
    fn request(&self, operation: &BoundLive) -> Value {
        let body = operation.draft.spec.inputs.iter().find_map(|input| match input {
            Input::Body { schema: Some(schema), .. } => Some(self.schemas.input(schema)),
            _ => None,
        });
        body.unwrap_or_else(|| json!({}))
    }

    /// What is answered when all is well.
    fn success(&self, operation: &BoundLive) -> Option<Value> {
        let draft = &*operation.draft;
        let good = draft.spec.outputs.iter().chain(&draft.declares);
        let mut schemas: Vec<Value> = good
            .filter_map(|output| match &output.content {
                OutputContent::Model(schema) if *schema != SchemaOf::of::<()>() => {
                    Some(self.schemas.output(schema))
                }
                OutputContent::Any => Some(json!({})),
                _ => None,
            })
            .collect();
        schemas.dedup();
        if schemas.len() > 1 { Some(json!({"anyOf": schemas})) } else { schemas.pop() }
    }

    /// The protocol's error, with the codes that this one has.
    fn errors(&self, operation: &BoundLive) -> Value {
        let draft = &*operation.draft;
        let own: Vec<_> = draft.errors.iter().chain(&self.about().errors).chain(&self.live.errors).collect();
        let mut codes: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        codes.insert(100, vec!["Something went wrong in the server.".to_owned()]);
        for output in draft.spec.outputs.iter().chain(&draft.declares) {
            // How a body arrives is no affair of a command.
            let Some(status) = output.status.filter(|status| *status >= 400 && !matches!(status, 408 | 415))
            else {
                continue;
            };
            let told = match status {
                400 => Some("The channel's name or the data do not fit; the message tells all faults."),
                413 => Some("The data is larger than this takes."),
                500.. => None,
                _ => output.description.as_deref(),
            };
            // An error type's description begins with the problem's code.
            let numbered = told.and_then(|told| {
                let code = told.strip_prefix('`')?.split_once('`')?.0;
                own.iter().find(|(known, _)| known == code).map(|(_, number)| *number)
            });
            let number = numbered.unwrap_or_else(|| error_of_status(status, draft.asked).get());
            let words = codes.entry(number).or_default();
            if let Some(told) = told.filter(|told| !words.iter().any(|word| word == told)) {
                words.push(told.to_owned());
            }
        }
        let told: Vec<String> =
            codes.iter().map(|(code, words)| format!("- {code}: {}", words.join(" "))).collect();
        let codes: Vec<&u32> = codes.keys().collect();
        json!({
            "type": "object",
            "properties": {
                "code": {"type": "integer", "description": told.join("\n"), "enum": codes},
                "message": {"type": "string", "description": "For a person."},
                "temporary": {"type": "boolean", "description": "Whether the client tries again by itself."},
            },
            "required": ["code", "message"],
        })
    }
}

/// What a client does: `call room:{id}/rename`.
fn label(operation: &BoundLive) -> String {
    match operation.draft.asked {
        Asked::Subscribe => "Subscribe".to_owned(),
        Asked::Publish => "Publish".to_owned(),
        Asked::Rpc => format!("Call the method `<channel>/{}`", operation.draft.method),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "`json!` takes a reference to it, which nobody else has")]
fn message(name: &str, summary: &str, payload: Value) -> Value {
    json!({"name": name, "summary": summary, "contentType": "application/json", "payload": payload})
}

/// The payloads of all messages in the dialect of AsyncAPI.
fn payloads(body: &mut Value) {
    let channels =
        body.get_mut("channels").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut);
    for channel in channels {
        let messages = channel.get_mut("messages").and_then(Value::as_object_mut);
        for message in messages.into_iter().flat_map(Map::values_mut) {
            if let Some(payload) = message.get_mut("payload") {
                to_draft_07(payload);
            }
        }
    }
}

fn address(pattern: &str) -> Map<String, Value> {
    let template = ChannelPattern::parse(pattern).map_or_else(|_| pattern.to_owned(), |p| p.template());
    let mut object = Map::new();
    object.insert("address".into(), template.into());
    object.insert("bindings".into(), json!({"ws": {"method": "GET", "bindingVersion": "0.1.0"}}));
    object
}

fn personal_object(
    personal: &Personal,
    schemas: &Schemas,
    operations: &mut BTreeMap<String, Value>,
) -> (String, Value) {
    let name = words(&personal.pattern);
    let mut object = address(&personal.pattern);
    object.insert(
        "title".into(),
        "The channel of each user, which their connections hear without asking".into(),
    );
    let names = ChannelPattern::parse(&personal.pattern).map(|pattern| Arc::clone(pattern.names()));
    let parameters: Map<String, Value> = names
        .into_iter()
        .flat_map(|names| names.to_vec())
        .map(|name| (name.into_string(), json!({"description": "The user's id."})))
        .collect();
    object.insert("parameters".into(), parameters.into());
    let mut messages = Map::new();
    for schema in &personal.sends {
        let told = words(&schema.name());
        messages.insert(told.clone(), message(&told, "Sent by the server", schemas.output(schema)));
    }
    if !messages.is_empty() {
        let channel = format!("#/channels/{name}");
        let told: Vec<Value> =
            messages.keys().map(|told| json!({"$ref": format!("{channel}/messages/{told}")})).collect();
        let sent = json!({"action": "send", "channel": {"$ref": channel}, "messages": told});
        operations.insert(format!("{name}_sent"), sent);
        object.insert("messages".into(), messages.into());
    }
    (name, object.into())
}

fn info_object(info: &Info) -> Value {
    let mut object = info.to_value();
    if let Some(object) = object.as_object_mut() {
        // AsyncAPI has neither field.
        object.shift_remove("summary");
        if let Some(license) = object.get_mut("license").and_then(Value::as_object_mut) {
            license.shift_remove("identifier");
        }
    }
    object
}

fn servers(info: &Info, path: &str, schemes: &[SchemeDoc]) -> Map<String, Value> {
    let mut all = Map::new();
    for (at, one) in info.servers.iter().enumerate() {
        let Some(mut object) = server(&one.url, path) else { continue };
        put(&mut object, "description", one.description.as_ref());
        if !schemes.is_empty() {
            object.insert("security".into(), references(schemes));
        }
        let name =
            one.description.as_deref().map(words).filter(|name| !name.is_empty() && !all.contains_key(name));
        all.insert(name.unwrap_or_else(|| format!("server_{}", at + 1)), object.into());
    }
    all
}

fn references(schemes: &[SchemeDoc]) -> Value {
    schemes
        .iter()
        .map(|scheme| json!({"$ref": format!("#/components/securitySchemes/{}", scheme.name)}))
        .collect()
}

/// A name in a JSON Pointer (RFC 6901 §3).
fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
