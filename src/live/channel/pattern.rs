use std::{
    collections::{HashSet, VecDeque},
    fmt,
    ops::Range,
    sync::Arc,
};

use regex::Regex;

/// The longest name of a channel, in bytes.
pub(crate) const MAX_NAME: usize = 255;

/// Whether a channel may be called so: visible ASCII, 255 bytes at most.
pub(crate) fn is_channel_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The names of one kind of channel, such as `room:{id}`.
///
/// `{name}` takes one or more characters, up to a `:`, a `/` or whatever character stands behind it in the pattern. With
/// `{name:regex}` they must be what the regex matches. `{name}*` at the end takes all that is left.
#[derive(Clone)]
pub(crate) struct ChannelPattern {
    text: String,
    parts: Box<[Part]>,
    names: Arc<[Box<str>]>,
}

#[derive(Clone)]
enum Part {
    Literal(Box<str>),
    Value {
        /// The first character behind it, when that is a literal.
        stop: Option<u8>,
        form: Option<Regex>,
    },
    Rest,
}

impl ChannelPattern {
    /// # Errors
    /// Everything that is wrong with it, each the rest of a sentence about the pattern.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        if text.is_empty() {
            return Err(vec!["is empty".to_owned()]);
        }
        let (mut parts, mut names) = (Vec::new(), Vec::<Box<str>>::new());
        let mut rest = text;
        while !rest.is_empty() {
            if matches!(parts.last(), Some(Part::Rest)) {
                faults.push("has something behind the `{..}*` that takes all that is left".to_owned());
                break;
            }
            let Some(inner) = rest.strip_prefix('{') else {
                let (literal, behind) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
                if literal.contains('}') {
                    faults.push("has a `}` without a `{` before it".to_owned());
                } else if !literal.bytes().all(|byte| byte.is_ascii_graphic()) {
                    faults.push("has something else in it than visible ASCII".to_owned());
                }
                if let Some(Part::Value { stop, .. }) = parts.last_mut() {
                    *stop = literal.bytes().next();
                }
                parts.push(Part::Literal(literal.into()));
                rest = behind;
                continue;
            };
            let Some(close) = closing(inner) else {
                faults.push("has a `{` without its `}`".to_owned());
                break;
            };
            if matches!(parts.last(), Some(Part::Value { .. })) {
                faults.push("has two parameters with nothing between them".to_owned());
            }
            let (inside, behind) = (inner.get(..close), inner.get(close + 1..));
            rest = behind.unwrap_or_default();
            let (name, form) = match inside.unwrap_or_default().split_once(':') {
                Some((name, form)) => (name, Some(form)),
                None => (inside.unwrap_or_default(), None),
            };
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                faults.push(format!("has `{{{name}}}`, which is no parameter: write `{{name}}`"));
            } else if names.iter().any(|known| **known == *name) {
                faults.push(format!("has two parameters called `{name}`"));
            }
            names.push(name.into());
            if let Some(behind) = rest.strip_prefix('*') {
                if form.is_some() {
                    faults.push(format!("has a regex in `{{{name}}}*`, which takes all that is left"));
                }
                rest = behind;
                parts.push(Part::Rest);
                continue;
            }
            let form = form.and_then(|form| match Regex::new(&format!("^(?:{form})$")) {
                Ok(form) => Some(form),
                Err(_) => {
                    faults.push(format!("has `{form}`, which is no regex"));
                    None
                }
            });
            parts.push(Part::Value { stop: None, form });
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self { text: text.to_owned(), parts: parts.into(), names: names.into() })
    }

    /// As it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn names(&self) -> &Arc<[Box<str>]> {
        &self.names
    }

    /// As documents write it: `{name}` for every parameter.
    pub(crate) fn template(&self) -> String {
        let mut names = self.names.iter();
        let mut template = String::with_capacity(self.text.len());
        for part in &self.parts {
            match part {
                Part::Literal(literal) => template.push_str(literal),
                Part::Value { .. } | Part::Rest => {
                    template.push('{');
                    template.push_str(names.next().map_or("", AsRef::as_ref));
                    template.push('}');
                }
            }
        }
        template
    }

    /// The one name, when there are no parameters.
    pub(crate) fn literal(&self) -> Option<&str> {
        match &*self.parts {
            [Part::Literal(literal)] => Some(literal),
            _ => None,
        }
    }

    /// What every name begins with, up to its first `:`, when the pattern says it.
    pub(crate) fn namespace(&self) -> Option<&str> {
        match self.parts.first()? {
            Part::Literal(literal) => namespace(literal),
            Part::Value { .. } | Part::Rest => None,
        }
    }

    /// Where the values stand in `name`; `None` when it is not one of these channels.
    pub(crate) fn places(&self, name: &str) -> Option<Box<[Range<usize>]>> {
        let mut places = Vec::with_capacity(self.names.len());
        let mut at = 0;
        for part in &self.parts {
            let rest = name.get(at..)?;
            let length = match part {
                Part::Literal(literal) => {
                    if !rest.starts_with(&**literal) {
                        return None;
                    }
                    at += literal.len();
                    continue;
                }
                Part::Rest => rest.len(),
                Part::Value { stop, form } => {
                    let ends = |byte: u8| matches!(byte, b':' | b'/') || Some(byte) == *stop;
                    let length = rest.bytes().position(ends).unwrap_or(rest.len());
                    if form
                        .as_ref()
                        .is_some_and(|form| !form.is_match(rest.get(..length).unwrap_or_default()))
                    {
                        return None;
                    }
                    length
                }
            };
            if length == 0 {
                return None;
            }
            places.push(at..at + length);
            at += length;
        }
        (at == name.len()).then(|| places.into())
    }

    /// The channel with this value for the only parameter; `None` when no channel can have it.
    pub(crate) fn fill(&self, value: &str) -> Option<String> {
        let mut name = String::with_capacity(self.text.len() + value.len());
        for part in &self.parts {
            name.push_str(match part {
                Part::Literal(literal) => literal,
                Part::Value { .. } | Part::Rest => value,
            });
        }
        let places = self.places(&name).filter(|_| is_channel_name(&name))?;
        matches!(&*places, [place] if name.get(place.clone()) == Some(value)).then_some(name)
    }

    /// Smaller ranks are looked at first: where two patterns differ, a literal comes before a parameter with a regex, then
    /// a parameter, then `{..}*`; and what is longer comes first.
    pub(crate) fn rank(&self) -> Vec<u8> {
        let mut rank = Vec::with_capacity(self.text.len());
        for part in &self.parts {
            match part {
                Part::Literal(literal) => rank.extend(std::iter::repeat_n(0, literal.len())),
                Part::Value { form: Some(_), .. } => rank.push(1),
                Part::Value { form: None, .. } => rank.push(2),
                Part::Rest => rank.push(3),
            }
        }
        rank.push(4);
        rank
    }

    /// Whether a name can be of both kinds, regexes not looked at.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let (a, b) = (self.steps(), other.steps());
        let mut alphabet: HashSet<u8> = a.iter().chain(&b).filter_map(Step::literal).collect();
        alphabet.extend([b':', b'/']);
        // One for all that stand in neither.
        alphabet.extend((b'!'..=b'~').find(|byte| !alphabet.contains(byte)));
        let mut todo: VecDeque<(State, State)> = VecDeque::from([(State::default(), State::default())]);
        let mut seen: HashSet<(State, State)> = HashSet::new();
        while let Some((left, right)) = todo.pop_front() {
            if left.is_end(&a) && right.is_end(&b) {
                return true;
            }
            for byte in &alphabet {
                for next in left.after(&a, *byte) {
                    for other in right.after(&b, *byte) {
                        if seen.insert((next, other)) {
                            todo.push_back((next, other));
                        }
                    }
                }
            }
        }
        false
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => steps.extend(literal.bytes().map(Step::Byte)),
                Part::Value { stop, .. } => steps.push(Step::Value(*stop)),
                Part::Rest => steps.push(Step::Rest),
            }
        }
        steps
    }
}

impl fmt::Debug for ChannelPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ChannelPattern").field(&self.text).finish()
    }
}

/// What a name begins with, up to its first `:`.
pub(crate) fn namespace(name: &str) -> Option<&str> {
    name.split_once(':').map(|(namespace, _)| namespace)
}

fn closing(inner: &str) -> Option<usize> {
    let mut depth = 1_usize;
    inner.bytes().position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}

/// One character of a pattern, or a run of them.
enum Step {
    Byte(u8),
    Value(Option<u8>),
    Rest,
}

impl Step {
    fn literal(&self) -> Option<u8> {
        match self {
            Self::Byte(byte) => Some(*byte),
            Self::Value(stop) => *stop,
            Self::Rest => None,
        }
    }
}

/// How far a name was read: the step, and whether that step has a character already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct State(usize, bool);

impl State {
    fn is_end(self, steps: &[Step]) -> bool {
        self.0 + usize::from(self.1) == steps.len()
    }

    /// Where one more character leads.
    fn after(self, steps: &[Step], byte: u8) -> impl Iterator<Item = Self> {
        let at = self.0;
        let takes = |at: usize| match steps.get(at) {
            Some(Step::Byte(literal)) => (*literal == byte).then_some(Self(at + 1, false)),
            Some(Step::Value(stop)) => {
                (!matches!(byte, b':' | b'/') && Some(byte) != *stop).then_some(Self(at, true))
            }
            Some(Step::Rest) => Some(Self(at, true)),
            None => None,
        };
        let next = if self.1 { takes(at + 1) } else { None };
        [takes(at), next].into_iter().flatten()
    }
}
