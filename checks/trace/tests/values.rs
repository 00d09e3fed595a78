//! States as trees, whatever their `Debug` form looks like: each is the same as itself, survives being written and read, and can be changed into any other.

use concur_trace::{Behaviour, Event, Step, Value, story};

/// What texts are put together from: few enough to try every way, and all that means something to the parser.
const PIECES: &[&str] = &[
    "a ",
    "a=1 ",
    "b=2; ",
    "a: ",
    "n1 disk: ",
    ", ",
    "{",
    "} ",
    "[",
    "] ",
    "(",
    ") ",
];

/// Every text of so many pieces.
fn texts(pieces: u32) -> impl Iterator<Item = String> {
    let kinds = PIECES.len();
    (0..kinds.pow(pieces)).map(move |number| {
        let digits = (0..pieces).map(|place| number / kinds.pow(place) % kinds);
        digits.map(|digit| PIECES[digit]).collect()
    })
}

fn written_and_read(value: &Value) -> Value {
    let text = serde_json::to_string(value).expect("texts and lists have a JSON form");
    serde_json::from_str(&text).expect("it was written here")
}

/// A behaviour of one step, between states that are printed like that.
fn one_step(before: &str, after: &str) -> Behaviour {
    let mut told = Behaviour::begin(before);
    let after = Value::of_debug(after);
    let step = Step::new(
        "Step".to_owned(),
        None,
        Event::default(),
        &told.initial,
        Some(&after),
    );
    told.steps.push(step);
    told
}

#[test]
fn every_state_is_the_same_as_itself_also_when_it_was_written_and_read() {
    for text in (0..=5).flat_map(texts) {
        let value = Value::of_debug(&text);
        assert!(value.same(&value), "{text:?}");
        assert_eq!(written_and_read(&value), value, "{text:?}");
    }
}

#[test]
fn every_state_can_be_changed_into_the_one_that_follows() {
    let mut before = String::new();
    for after in (0..=4).flat_map(texts) {
        let states = one_step(&before, &after).each_state();
        let expected = Value::of_debug(&after);
        assert!(states[1].same(&expected), "from {before:?} to {after:?}");
        before = after;
    }
}

#[test]
fn messages_that_were_sent_are_told_one_by_one() {
    let (before, after) = (
        "{n1: n1@0 follower, sent: []}",
        "{n1: n1@1 candidate, sent: [n1 → n2 PreVote@1 last=0@0, n1 → n2 RequestVote@1 last=0@0]}",
    );
    let [.., step] = &story(&one_step(before, after))[..] else {
        panic!("a step has a line");
    };
    let told = "sent + n1 → n2 PreVote@1 last=0@0 + n1 → n2 RequestVote@1 last=0@0";
    assert!(step.contains(told), "{step}");
}

#[test]
fn messages_that_are_no_list_are_told_as_they_are() {
    let messages = "n1 → n2 PreVote@1 last=0@0; n1 → n2 RequestVote@1 last=0@0";
    let state = Value::of_debug(&format!("{{n1: down, sent: {messages}}}"));
    let sent = state.at(&["sent".to_owned()]);
    assert_eq!(sent, Some(&Value::Text(messages.to_owned())));
    assert_eq!(state.to_string(), format!("{{n1: down, sent: {messages}}}"));
}

#[test]
fn parts_that_have_the_same_name_cannot_be_read() {
    let read = serde_json::from_str::<Value>(r#"{"last": "0@0;", "last": "0@0"}"#);
    let error = read.expect_err("one of them would be lost");
    assert!(error.to_string().contains("the same name"), "{error}");
}
