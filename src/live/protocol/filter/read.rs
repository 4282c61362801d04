use bytes::Bytes;
use prost::Message;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{BadFilter, Comparison, TagFilter};
use crate::live::protocol::Limits;

pub(in crate::live::protocol) fn from_json(
    filter: &RawValue,
    limits: &Limits,
) -> Result<TagFilter, BadFilter> {
    Reader { limits, terms: 0 }.node(filter, 1, |node| {
        let wire: JsonNode<'_> = serde_json::from_str(node.get()).map_err(|_| BadFilter::Malformed)?;
        let JsonNode { op, key, cmp, val, vals, nodes } = wire;
        let [op, key, cmp, val] = [op, key, cmp, val].map(Option::unwrap_or_default);
        Ok(Node { op, key, cmp, val, vals: vals.unwrap_or_default(), nodes: nodes.unwrap_or_default() })
    })
}

pub(in crate::live::protocol) fn from_protobuf(
    filter: Bytes,
    limits: &Limits,
) -> Result<TagFilter, BadFilter> {
    Reader { limits, terms: 0 }.node(filter, 1, |node| {
        let ProtobufNode { op, key, cmp, val, vals, nodes } =
            ProtobufNode::decode(node).map_err(|_| BadFilter::Malformed)?;
        Ok(Node { op, key, cmp, val, vals, nodes })
    })
}

/// One level of a tree; the nodes below are not read yet, so that they can be counted.
struct Node<N> {
    op: String,
    key: String,
    cmp: String,
    val: String,
    vals: Vec<String>,
    nodes: Vec<N>,
}

#[derive(Deserialize)]
struct JsonNode<'a> {
    op: Option<String>,
    key: Option<String>,
    cmp: Option<String>,
    val: Option<String>,
    vals: Option<Vec<String>>,
    #[serde(borrow)]
    nodes: Option<Vec<&'a RawValue>>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtobufNode {
    #[prost(string, tag = "1")]
    op: String,
    #[prost(string, tag = "2")]
    key: String,
    #[prost(string, tag = "3")]
    cmp: String,
    #[prost(string, tag = "4")]
    val: String,
    #[prost(string, repeated, tag = "5")]
    vals: Vec<String>,
    #[prost(bytes = "bytes", repeated, tag = "6")]
    nodes: Vec<Bytes>,
}

struct Reader<'a> {
    limits: &'a Limits,
    /// Nodes and values so far.
    terms: usize,
}

impl Reader<'_> {
    fn node<N>(
        &mut self,
        node: N,
        depth: usize,
        read: impl Fn(N) -> Result<Node<N>, BadFilter> + Copy,
    ) -> Result<TagFilter, BadFilter> {
        if depth > self.limits.filter_depth {
            return Err(BadFilter::TooDeep);
        }
        let node = read(node)?;
        self.terms += 1 + node.vals.len();
        if self.terms.saturating_add(node.nodes.len()) > self.limits.filter_terms {
            return Err(BadFilter::TooLarge);
        }
        if node.op.is_empty() {
            return leaf(node);
        }
        let nodes = node.nodes.into_iter().map(|node| self.node(node, depth + 1, read));
        let mut nodes = nodes.collect::<Result<Vec<_>, _>>()?;
        match node.op.as_str() {
            "and" | "or" if nodes.is_empty() => Err(BadFilter::WrongNodes),
            "and" => Ok(TagFilter::All(nodes)),
            "or" => Ok(TagFilter::Any(nodes)),
            "not" => match (nodes.pop(), nodes.is_empty()) {
                (Some(node), true) => Ok(TagFilter::Not(Box::new(node))),
                _ => Err(BadFilter::WrongNodes),
            },
            _ => Err(BadFilter::UnknownOperation),
        }
    }
}

fn leaf<N>(node: Node<N>) -> Result<TagFilter, BadFilter> {
    // In Protobuf an empty text is none, so no comparison takes one.
    let takes_value = match node.cmp.as_str() {
        "ex" | "nex" => node.val.is_empty() && node.vals.is_empty(),
        "in" | "nin" => node.val.is_empty() && !node.vals.is_empty(),
        _ => !node.val.is_empty() && node.vals.is_empty(),
    };
    let value = node.val.into_boxed_str();
    let values = || node.vals.into_iter().map(String::into_boxed_str).collect();
    let comparison = match node.cmp.as_str() {
        "eq" => Comparison::Equal(value),
        "neq" => Comparison::NotEqual(value),
        "in" => Comparison::In(values()),
        "nin" => Comparison::NotIn(values()),
        "ex" => Comparison::Exists,
        "nex" => Comparison::Missing,
        "sw" => Comparison::StartsWith(value),
        "ew" => Comparison::EndsWith(value),
        "ct" => Comparison::Contains(value),
        "gt" => Comparison::Greater(value),
        "gte" => Comparison::GreaterOrEqual(value),
        "lt" => Comparison::Less(value),
        "lte" => Comparison::LessOrEqual(value),
        _ => return Err(BadFilter::UnknownComparison),
    };
    if !takes_value {
        return Err(BadFilter::WrongValues);
    }
    if node.key.is_empty() {
        return Err(BadFilter::NoKey);
    }
    Ok(TagFilter::Tag { key: node.key.into_boxed_str(), comparison })
}
