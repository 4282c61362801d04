#![allow(unused_mut, reason = "schemars writes one for a flattened field with rules")]

use std::collections::{BTreeMap, HashMap};

use actix_charter::{
    Model,
    model::{CheckContext, Violations},
    problem::In,
};
use actix_web::{test::TestRequest, web::Data};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use super::{check, told};

#[derive(Deserialize, Serialize, JsonSchema, Validate, Model)]
#[serde(rename_all = "camelCase")]
struct SignUp {
    #[validate(email)]
    mail_address: String,
    #[validate(length(min = 12, max = 64))]
    pass_word: String,
    #[validate(must_match(other = "pass_word"))]
    pass_word_again: String,
    #[validate(range(min = 18, max = 120))]
    age: u8,
    #[validate(url)]
    home_page: Option<String>,
    #[validate(length(min = 1))]
    tags: Vec<String>,
    #[validate(custom(function = not_root))]
    login: String,
}

fn not_root(login: &str) -> Result<(), ValidationError> {
    if login == "root" { Err(ValidationError::new("reserved")) } else { Ok(()) }
}

fn sign_up() -> SignUp {
    SignUp {
        mail_address: "ann@example.org".into(),
        pass_word: "correct horse battery".into(),
        pass_word_again: "correct horse battery".into(),
        age: 30,
        home_page: None,
        tags: vec!["a".into()],
        login: "ann".into(),
    }
}

#[test]
fn a_good_value_passes() {
    assert!(check(&sign_up()).is_empty());
}

#[test]
fn every_rule_is_told_in_wire_names_and_in_order() {
    let wrong = SignUp {
        mail_address: "nobody".into(),
        pass_word: "hunter2".into(),
        pass_word_again: "hunter3".into(),
        age: 7,
        home_page: Some("no page".into()),
        tags: vec![],
        login: "root".into(),
    };
    assert_eq!(
        told(&check(&wrong)),
        [
            "/mailAddress email: must be an email address",
            "/passWord length: must have between 12 and 64 characters",
            "/passWordAgain must_match: must be the same as `passWord`",
            "/age range: must be between 18 and 120",
            "/homePage url: must be a URL",
            "/tags length: must have at least 1 item",
            "/login reserved: is not valid",
        ]
    );
}

#[test]
fn a_refused_password_is_told_nowhere() {
    let wrong = SignUp { pass_word: "hunter2".into(), pass_word_again: "swordfish".into(), ..sign_up() };
    let violations = check(&wrong);
    assert_eq!(violations.iter().count(), 2);
    let everywhere = format!(
        "{violations} {violations:?} {:?} {}",
        violations.clone().into_faults(In::Body),
        violations.clone().into_problem(In::Body)
    );
    for secret in ["hunter2", "swordfish"] {
        assert!(!everywhere.contains(secret), "{everywhere}");
    }
}

#[derive(Deserialize, Serialize, JsonSchema, Validate, Model)]
struct Limits {
    #[validate(range(exclusive_min = 0.0, exclusive_max = 1.5))]
    ratio: f64,
    #[validate(range(exclusive_min = 0))]
    above: i32,
    #[validate(range(max = 9))]
    below: i32,
    #[validate(range(min = 1, exclusive_max = 5))]
    mixed: i32,
    #[validate(length(equal = 4))]
    pin: String,
    #[validate(length(max = 1))]
    initial: String,
    #[validate(contains(pattern = "@"), does_not_contain(pattern = " "))]
    handle: String,
    #[validate(required)]
    must: Option<u8>,
    #[validate(regex(path = *DIGITS))]
    number: String,
    #[validate(length(min = 3, code = "short"))]
    own_code: String,
    #[validate(length(min = 3, message = "pick a longer one"))]
    own_message: String,
    #[validate(non_control_character)]
    plain: String,
}

static DIGITS: std::sync::LazyLock<regex::Regex> =
    std::sync::LazyLock::new(|| regex::Regex::new("^[0-9]+$").unwrap());

#[test]
fn sentences() {
    let wrong = Limits {
        ratio: 2.0,
        above: 0,
        below: 10,
        mixed: 5,
        pin: "1".into(),
        initial: "ab".into(),
        handle: "a b".into(),
        must: None,
        number: "x".into(),
        own_code: "x".into(),
        own_message: "x".into(),
        plain: "\u{7}".into(),
    };
    assert_eq!(
        told(&check(&wrong)),
        [
            "/ratio range: must be greater than 0.0 and less than 1.5",
            "/above range: must be greater than 0",
            "/below range: must be at most 9",
            "/mixed range: must be at least 1 and less than 5",
            "/pin length: must have exactly 4 characters",
            "/initial length: must have at most 1 character",
            "/handle contains: must contain `@`",
            "/handle does_not_contain: must not contain ` `",
            "/must required: is required",
            "/number regex: must match the pattern it is documented with",
            "/own_code short: must have at least 3 characters",
            "/own_message length: pick a longer one",
            "/plain invalid: must not contain control characters",
        ]
    );
}

#[derive(Deserialize, Serialize, JsonSchema, Validate, Model)]
#[serde(rename_all = "camelCase")]
struct Order {
    #[validate(nested)]
    ship_to: Address,
    #[validate(nested)]
    bill_to: Option<Address>,
    #[validate(nested)]
    order_lines: Vec<Line>,
    #[validate(nested)]
    gift_notes: BTreeMap<String, Line>,
    #[validate(nested)]
    grid: Vec<Vec<Line>>,
    #[serde(flatten)]
    #[validate(nested)]
    extra: Extra,
}

#[derive(Deserialize, Serialize, JsonSchema, Validate, Model)]
#[serde(rename_all = "camelCase")]
struct Address {
    #[serde(rename = "zip/code")]
    #[validate(length(equal = 5))]
    zip: String,
}

#[derive(Deserialize, Serialize, JsonSchema, Validate, Model)]
#[model(check = even)]
struct Line {
    #[serde(rename = "qty")]
    #[validate(range(min = 1))]
    r#quantity: u32,
}

fn even(line: &Line, _: &CheckContext<'_>) -> Result<(), Violations> {
    if line.quantity.is_multiple_of(2) { Ok(()) } else { Err(Violations::one("/qty", "odd", "must be even")) }
}

#[derive(Deserialize, Serialize, JsonSchema, Validate, Model)]
struct Extra {
    #[serde(rename = "giftWrap")]
    #[validate(length(min = 3))]
    gift_wrap: String,
}

fn line(quantity: u32) -> Line {
    Line { quantity }
}

fn address(zip: &str) -> Address {
    Address { zip: zip.into() }
}

#[test]
fn nested_lists_maps_and_flattened_fields() {
    let order = Order {
        ship_to: address("1"),
        bill_to: Some(address("22")),
        order_lines: vec![line(2), line(0)],
        gift_notes: BTreeMap::from([("a/b".into(), line(0))]),
        grid: vec![vec![], vec![line(2), line(0)]],
        extra: Extra { gift_wrap: "no".into() },
    };
    assert_eq!(
        told(&check(&order)),
        [
            "/shipTo/zip~1code length: must have exactly 5 characters",
            "/billTo/zip~1code length: must have exactly 5 characters",
            "/orderLines/1/qty range: must be at least 1",
            // validator does not tell the key.
            "/giftNotes range: has an entry that is wrong: must be at least 1",
            "/grid/1/1/qty range: must be at least 1",
            "/giftWrap length: must have at least 3 characters",
        ]
    );
}

#[test]
fn functions_of_nested_models_are_run_at_their_place() {
    let order = Order {
        ship_to: address("12345"),
        bill_to: None,
        order_lines: vec![line(2), line(3)],
        gift_notes: BTreeMap::from([("a/b".into(), line(5))]),
        grid: vec![vec![line(1)]],
        extra: Extra { gift_wrap: "yes".into() },
    };
    assert_eq!(
        told(&check(&order)),
        [
            "/orderLines/1/qty odd: must be even",
            "/giftNotes/a~1b/qty odd: must be even",
            "/grid/0/0/qty odd: must be even",
        ]
    );
}

#[derive(Deserialize, Serialize, JsonSchema, Validate, Model)]
#[validate(schema(function = ordered, message = "the start lies after the end"))]
struct Range {
    from: u8,
    to: u8,
}

fn ordered(range: &Range) -> Result<(), ValidationError> {
    if range.from <= range.to { Ok(()) } else { Err(ValidationError::new("order")) }
}

#[derive(Deserialize, Serialize, JsonSchema, Validate, Model)]
struct Ranges {
    #[validate(nested)]
    ranges: HashMap<String, Range>,
    #[validate(nested)]
    main: Range,
}

#[test]
fn rules_of_a_whole_struct_point_at_it() {
    let wrong = || Range { from: 2, to: 1 };
    assert_eq!(told(&check(&wrong())), [" order: the start lies after the end"]);
    let ranges = Ranges { ranges: HashMap::new(), main: wrong() };
    assert_eq!(told(&check(&ranges)), ["/main order: the start lies after the end"]);
}

#[derive(Debug)]
struct Plan {
    seats: usize,
}

#[derive(Deserialize, Serialize, JsonSchema, Validate, Model)]
#[validate(context = Plan)]
struct Invite {
    #[validate(custom(function = fits, use_context))]
    people: Vec<String>,
}

fn fits(people: &[String], plan: &Plan) -> Result<(), ValidationError> {
    if people.len() <= plan.seats { Ok(()) } else { Err(ValidationError::new("seats")) }
}

#[test]
fn the_context_is_application_data() {
    let invite = Invite { people: vec!["ann".into(), "bob".into()] };
    for (seats, expected) in [(1, vec!["/people seats: is not valid"]), (2, vec![])] {
        let bare = TestRequest::default().app_data(Plan { seats }).to_http_request();
        let shared = TestRequest::default().app_data(Data::new(Plan { seats })).to_http_request();
        for request in [bare, shared] {
            let found = invite.check(&CheckContext::new(&request)).err().unwrap_or_default();
            assert_eq!(told(&found), expected);
        }
    }
}

#[test]
fn a_missing_context_is_the_servers_fault() {
    let found = check(&Invite { people: vec![] });
    assert!(found.is_internal() && !found.is_empty());
    assert_eq!(found.clone().into_problem(In::Body).status().as_u16(), 500);
    // Even where nobody asked, the value does not pass.
    assert_eq!(found.into_faults(In::Body).iter().count(), 1);
}

#[derive(Deserialize, Serialize, JsonSchema, Validate, Model)]
#[serde(transparent)]
struct Envelope {
    #[validate(nested)]
    inner: Address,
}

#[derive(Deserialize, JsonSchema, Model)]
struct Wrapper(Address);

#[test]
fn what_has_no_name_on_the_wire_has_none_in_a_pointer() {
    let expected = ["/zip~1code length: must have exactly 5 characters"];
    assert_eq!(told(&check(&Envelope { inner: address("1") })), expected);
    assert_eq!(told(&check(&Wrapper(address("1")))), expected);
}

#[derive(Deserialize, Serialize, JsonSchema, Validate, Model)]
#[validate(nest_all_fields)]
struct Both {
    #[serde(rename = "first")]
    one: Address,
    #[validate(skip)]
    other: Address,
}

#[test]
fn all_fields_are_nested_but_those_skipped() {
    let both = Both { one: address("1"), other: address("1") };
    assert_eq!(told(&check(&both)), ["/first/zip~1code length: must have exactly 5 characters"]);
}
