//! After the answer deadline: the terminal may still have the customer's card.

use crate::shop::{Shop, approve_after};
use caisse_relay::simulator::{Outcome, Step};
use serde_json::{Value, json};

/// A shop whose terminal answers after the deadline, and a payment that is unknown.
async fn late(answer: Step) -> (Shop, crate::shop::Till, String) {
    let shop = Shop::with("answer_s = 1").await;
    shop.terminal.will(answer);
    let mut till = shop.till("Caisse 1").await;
    let unknown = till.debit(12_50).await;
    assert_eq!((&unknown["outcome"], &unknown["reason"]), (&json!("unknown"), &json!("silence")));
    let id = unknown["id"].as_str().unwrap().to_owned();
    (shop, till, id)
}

fn resolve(id: &str, charged: &str) -> Value {
    json!({ "type": "resolve", "id": id, "charged": charged, "by": "Zoé" })
}

#[tokio::test]
async fn a_late_answer_ends_the_doubt_and_is_told() {
    let (shop, mut till, id) = late(approve_after(1500)).await;
    till.acknowledge(&id).await;
    let told = till.until(&id, |payment| payment["outcome"] != "unknown").await;
    assert_eq!((&told["outcome"], &told["late"]), (&json!("approved"), &json!(true)));
    assert_eq!(told["charged"], "yes");
    assert_eq!(told["acknowledged"], false, "the till has to hear of it again");
    let back = shop.till("Caisse 1").await;
    assert_eq!(back.welcome["unacknowledged"][0]["outcome"], "approved");
    assert_eq!(shop.terminal.charges().len(), 1);
    let shop = shop.restart().await;
    let kept = shop.till("Caisse 1").await.payment(&id).await;
    assert_eq!((&kept["outcome"], &kept["late"]), (&json!("approved"), &json!(true)));
}

#[tokio::test]
async fn the_terminal_stays_held_while_the_customer_may_still_pay() {
    let (shop, mut till, id) = late(approve_after(1800)).await;
    let mut other = shop.till("Caisse 2").await;
    other.ask(9_90).await;
    let refused = other.refusal().await;
    assert_eq!(refused["code"], "terminal_busy");
    assert_eq!(refused["held_by"]["payment"], id.as_str());
    till.until(&id, |payment| payment["late"] == true).await;
    shop.terminal.will(Step::approve());
    assert_eq!(other.debit(9_90).await["outcome"], "approved");
    assert_eq!(shop.terminal.simulator.requests(), 2);
}

#[tokio::test]
async fn a_person_who_settles_it_frees_the_terminal() {
    let (shop, mut till, id) = late(Step::silence()).await;
    till.say(resolve(&id, "yes")).await;
    let resolved = till.until(&id, |payment| !payment["resolved"].is_null()).await;
    assert_eq!((&resolved["charged"], &resolved["contradicted"]), (&json!("yes"), &json!(false)));
    shop.terminal.will(Step::approve());
    assert_eq!(till.debit(9_90).await["outcome"], "approved");
}

#[tokio::test]
async fn a_late_answer_that_contradicts_a_person_is_shown_beside_what_they_said() {
    let (_shop, mut till, id) = late(approve_after(1500)).await;
    till.say(resolve(&id, "no")).await;
    let told = till.until(&id, |payment| payment["late"] == true).await;
    assert_eq!((&told["outcome"], &told["charged"]), (&json!("approved"), &json!("yes")));
    assert_eq!(told["resolved"]["charged"], "no");
    assert_eq!(told["contradicted"], true);
    let advice = told["advice"].as_str().unwrap();
    assert!(advice.contains("deux réponses") && advice.contains("Zoé"), "{advice}");
}

#[tokio::test]
async fn a_till_that_is_done_with_a_doubt_hears_of_the_contradiction_all_the_same() {
    let (_shop, mut till, id) = late(approve_after(4000)).await;
    till.acknowledge(&id).await;
    till.say(resolve(&id, "no")).await;
    till.until(&id, |payment| !payment["resolved"].is_null()).await;
    let told = till.until(&id, |payment| payment["late"] == true).await;
    assert_eq!((&told["contradicted"], &told["acknowledged"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn a_terminal_that_hangs_up_is_free_and_the_doubt_stays() {
    let (shop, mut till, id) =
        late(Step { delay_ms: 1300, charged: Some(true), ..Step::new(Outcome::Close) }).await;
    shop.terminal.will(Step::approve());
    loop {
        till.ask(9_90).await;
        let answer = till.next().await.unwrap();
        if answer["type"] == "payment" {
            break;
        }
        assert_eq!(answer["code"], "terminal_busy");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(till.payment(&id).await["outcome"], "unknown");
}

#[tokio::test]
async fn two_people_who_settle_it_at_once_are_not_both_believed() {
    let shop = Shop::open().await;
    shop.terminal.will(Step::new(Outcome::Close));
    let (mut one, mut two) = (shop.till("Caisse 1").await, shop.till("Caisse 2").await);
    let id = one.debit(12_50).await["id"].as_str().unwrap().to_owned();
    one.say(resolve(&id, "yes")).await;
    two.say(resolve(&id, "no")).await;
    let is_refused =
        |message: &Value| message["type"] == "refused" && message["code"] == "not_unknown";
    let mut refused = 0;
    for till in [&mut one, &mut two] {
        // Each hears of the payment it settled, or is refused.
        let answer = till.next().await.unwrap();
        refused += u32::from(is_refused(&answer));
    }
    assert_eq!(refused, 1);
}

#[tokio::test]
async fn an_acknowledgement_of_the_doubt_is_none_of_the_late_answer() {
    let (shop, mut till, id) = late(approve_after(1300)).await;
    till.until(&id, |payment| payment["late"] == true).await;
    let acknowledge =
        |outcome: &str| json!({ "type": "acknowledge", "id": id, "outcome": outcome });
    till.say(acknowledge("unknown")).await;
    assert_eq!(till.payment(&id).await["acknowledged"], false);
    assert_eq!(till.refusal().await["code"], "outcome_changed");
    let back = shop.till("Caisse 1").await;
    assert_eq!(back.welcome["unacknowledged"][0]["id"], id.as_str());
    till.say(acknowledge("approved")).await;
    till.until(&id, |payment| payment["acknowledged"] == true).await;
}
