//! Judges a recorded history: `concur-linearizability OBJECT [FILE]`, where a history is in the lines of [`json`], and comes from standard input if no file is named.
//!
//! Exits with 0 if it is linearizable, with 1 if it is not, and with 2 if that is unknown, or if it is no history.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Write as _, stdin, stdout};
use std::process::ExitCode;

use concur_linearizability::specs::{Decision, Keyed, Log, Queue, Register};
use concur_linearizability::{Limits, Specification, Verdict, check, json};
use serde::de::DeserializeOwned;

const USAGE: &str = "concur-linearizability OBJECT [FILE]

  register   one register of a number
  text       one register of a text
  map        registers of texts, by keys that are texts
  numbers    registers of numbers, by keys that are texts
  queue      one queue of numbers
  log        one log of numbers
  decision   transactions, by their numbers";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => ExitCode::from(code),
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<u8, Box<dyn Error>> {
    let (object, text): (_, Box<dyn BufRead>) = match arguments {
        [object] => (object, Box::new(stdin().lock())),
        [object, file] => (object, Box::new(BufReader::new(File::open(file)?))),
        _ => return Err(USAGE.into()),
    };
    match &**object {
        "register" => judge(&Register::<u64>::default(), text),
        "text" => judge(&Register::<String>::default(), text),
        "map" => judge(&Keyed::<String, Register<String>>::default(), text),
        "numbers" => judge(&Keyed::<String, Register<u64>>::default(), text),
        "queue" => judge(&Queue::<u64>::default(), text),
        "log" => judge(&Log::<u64>::default(), text),
        "decision" => judge(&Decision, text),
        _ => Err(USAGE.into()),
    }
}

fn judge<S>(spec: &S, text: impl BufRead) -> Result<u8, Box<dyn Error>>
where
    S: Specification<Operation: DeserializeOwned, Answer: DeserializeOwned>,
{
    let history = json::read(text)?;
    let verdict = check(spec, &history, Limits::default());
    writeln!(stdout(), "{}", verdict.to_string().trim_end())?;
    Ok(match verdict {
        Verdict::Linearizable(_) => 0,
        Verdict::NotLinearizable(_) => 1,
        Verdict::Unknown(_) => 2,
    })
}
