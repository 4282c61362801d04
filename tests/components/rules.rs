//! Rules: validator, garde, functions of one's own, with application data.

use actix_charter::{prelude::*, testing::TestClient};
use actix_web::web;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use validator::Validate;

#[derive(Debug, Serialize, Deserialize, JsonSchema, Validate, Model)]
#[model(check = in_order)]
#[serde(rename_all = "camelCase")]
struct Period {
    #[validate(range(min = 1))]
    first_day: u16,
    last_day: u16,
}

fn in_order(period: &Period, _: &CheckContext<'_>) -> Result<(), Violations> {
    if period.first_day <= period.last_day {
        return Ok(());
    }
    Err(Violations::one("/lastDay", "order", "must not lie before the first day"))
}

/// What names are taken.
struct Taken(Vec<&'static str>);

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
#[model(check = is_free)]
struct Name {
    name: String,
}

fn is_free(name: &Name, context: &CheckContext<'_>) -> Result<(), Violations> {
    let Some(taken) = context.app_data::<web::Data<Taken>>() else { return Err(Violations::internal()) };
    match taken.0.contains(&name.name.as_str()) {
        true => Err(Violations::one("/name", "taken", "is taken")),
        false => Ok(()),
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Validate, Model)]
struct Outer {
    #[validate(nested)]
    period: Period,
    names: Vec<Name>,
}

/// Has no rules of its own, and a field that wants to be left alone.
#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Plan {
    #[serde(rename = "thePeriods")]
    periods: Vec<Period>,
    #[serde(default)]
    #[serde(flatten)]
    first: Option<Named>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Validate, Model)]
struct Named {
    #[validate(length(min = 2))]
    title: String,
}

/// Does not go down into its field, and says so.
#[derive(Debug, Serialize, Deserialize, JsonSchema, Validate, Model)]
struct Skipping {
    #[validate(skip)]
    named: Named,
}

#[cfg(feature = "garde")]
#[derive(Debug, Serialize, Deserialize, JsonSchema, garde::Validate, Model)]
struct Guarded {
    #[garde(length(min = 2))]
    #[serde(rename = "theName")]
    name: String,
    #[garde(range(max = 5))]
    size: u8,
}

struct Rules;

#[controller]
impl Rules {
    #[post("/periods")]
    async fn period(&self, body: Body<Period>, query: Option<Query<Period>>) -> Period {
        query.map_or(body.0, |query| query.0)
    }

    #[post("/names")]
    async fn name(&self, body: Body<Name>) -> Name {
        body.0
    }

    #[post("/outer")]
    async fn outer(&self, body: Body<Outer>) -> Outer {
        body.0
    }

    #[post("/plan")]
    async fn plan(&self, body: Body<Plan>) -> Plan {
        body.0
    }

    #[post("/skipping")]
    async fn skipping(&self, body: Body<Skipping>) -> Skipping {
        body.0
    }

    #[cfg(feature = "garde")]
    #[post("/guarded")]
    async fn guarded(&self, body: Body<Guarded>) -> Guarded {
        body.0
    }
}

async fn client() -> TestClient {
    let router = Router::new("").app_data(web::Data::new(Taken(vec!["ann"]))).controller(Rules);
    crate::roas::client(router).await
}

#[actix_web::test]
async fn rules_over_fields_and_over_the_whole_are_told_together() {
    let answer = client().await.post("/periods").json(&json!({"firstDay": 0, "lastDay": 3})).send().await;
    answer.assert_status(400).problem().assert_fault_count(1).assert_fault("body", "/firstDay", "range");
    let answer = client().await.post("/periods").json(&json!({"firstDay": 4, "lastDay": 3})).send().await;
    answer.assert_status(400).problem().assert_fault_count(1).assert_fault("body", "/lastDay", "order");
    let answer = client()
        .await
        .post("/periods?firstDay=5&lastDay=4")
        .json(&json!({"firstDay": 4, "lastDay": 3}))
        .send()
        .await;
    answer
        .assert_status(400)
        .problem()
        .assert_fault("body", "/lastDay", "order")
        .assert_fault("query", "/lastDay", "order");
}

#[actix_web::test]
async fn rules_see_the_applications_data() {
    client().await.post("/names").json(&json!({"name": "bob"})).send().await.assert_status(201);
    let answer = client().await.post("/names").json(&json!({"name": "ann"})).send().await;
    answer.assert_status(400).problem().assert_fault("body", "/name", "taken");
}

#[actix_web::test]
async fn rules_of_models_inside_are_told_at_their_place() {
    let body = json!({"period": {"firstDay": 2, "lastDay": 1}, "names": [{"name": "bob"}, {"name": "ann"}]});
    let answer = client().await.post("/outer").json(&body).send().await;
    answer.assert_status(400).problem().assert_fault("body", "/period/lastDay", "order").assert_fault(
        "body",
        "/names/1/name",
        "taken",
    );
}

#[actix_web::test]
async fn what_the_document_shows_is_held_to_without_validate_on_the_outer_model() {
    let body =
        json!({"thePeriods": [{"firstDay": 1, "lastDay": 2}, {"firstDay": 0, "lastDay": 2}], "title": "x"});
    let answer = client().await.post("/plan").json(&body).send().await;
    answer
        .assert_status(400)
        .problem()
        .assert_fault_count(2)
        .assert_fault("body", "/thePeriods/1/firstDay", "range")
        .assert_fault("body", "/title", "length");
    let body = json!({"thePeriods": [{"firstDay": 3, "lastDay": 2}]});
    client().await.post("/plan").json(&body).send().await.problem().assert_fault(
        "body",
        "/thePeriods/0/lastDay",
        "order",
    );
}

#[actix_web::test]
async fn a_field_may_be_left_alone() {
    let answer =
        client().await.post("/skipping").json(&json!({"named": {"title": "x"}})).unchecked().send().await;
    answer.assert_status(201);
}

#[actix_web::test]
async fn rules_that_cannot_be_run_are_our_fault() {
    let client = crate::roas::client(Router::new("").controller(Rules)).await;
    let answer = client.post("/names").json(&json!({"name": "bob"})).unchecked().send().await;
    answer.assert_status(500).problem().assert_code("internal").assert_fault_count(0);
}

#[cfg(feature = "garde")]
#[actix_web::test]
async fn garde_speaks_through_the_same_seam() {
    let client = client().await;
    client.post("/guarded").json(&json!({"theName": "ab", "size": 5})).send().await.assert_status(201);
    let answer = client.post("/guarded").json(&json!({"theName": "a", "size": 6})).send().await;
    answer
        .assert_status(400)
        .problem()
        .assert_fault_count(2)
        .assert_fault("body", "/theName", "length")
        .assert_fault("body", "/size", "range");
}
