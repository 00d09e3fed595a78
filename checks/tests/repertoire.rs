//! What clusters do of the model above, held against what is declared: each way in which that can be wrong is told.

use concur_checks::clusters::{AnyClusters, Declared, Done, Followed, Request, Taken};
use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::{Progress, Stop};
use concur_checks::methods::How;
use concur_checks::methods::conformance::repertoire;
use concur_checks::verdict::Status;
use concur_correspond::Walk;
use concur_correspond::repertoire::{Covered, Repertoire};
use concur_models::kit::{NoSuchModel, Param, Values};

/// Clusters that are said to do something.
struct Said {
    done: Done,
    never: Declared,
    partly: Declared,
}

impl AnyClusters for Said {
    fn id(&self) -> String {
        "some/cores".to_owned()
    }

    fn params(&self) -> &'static [Param] {
        &[]
    }

    fn refines(&self) -> &'static str {
        "model"
    }

    fn walks(&self) -> &'static [Walk] {
        &[]
    }

    fn held_against(&self) -> bool {
        true
    }

    fn never(&self) -> Declared {
        self.never
    }

    fn partly(&self) -> Declared {
        self.partly
    }

    fn repertoire(&self, _: How<'_>, _: usize) -> Result<Done, NoSuchModel> {
        Ok(self.done.clone())
    }

    fn walk(&self, _: &Request<'_>) -> Result<Result<Taken, Stop>, NoSuchModel> {
        Err(NoSuchModel("they do not walk".to_owned()))
    }

    fn follow(&self, _: &Values, _: &[String]) -> Result<Followed, NoSuchModel> {
        Err(NoSuchModel("they do not follow".to_owned()))
    }
}

/// Clusters that take so many transitions of one action, of so many, at each of some sizes.
fn taking(sizes: &[(u64, u64)]) -> Done {
    let mut done = Done::default();
    for &(taken, all) in sizes {
        let covered = Covered { taken, all };
        done.repertoires.add(Repertoire {
            actions: [("Phase1a".to_owned(), covered)].into(),
            states: 1,
        });
    }
    done
}

fn found(done: Done, never: Declared, partly: Declared) -> (Status, Vec<String>) {
    let how = How {
        plan: &Plan::default(),
        symmetry: false,
        progress: &Progress::default(),
    };
    let said = Said {
        done,
        never,
        partly,
    };
    let (findings, remarks) = repertoire(&said, how).expect("it says so");
    (findings.properties[0].status, remarks)
}

const REASON: Declared = &[("Phase1a", "a reason")];

#[test]
fn what_is_declared_holds_and_its_reasons_are_told() {
    assert_eq!(found(taking(&[(3, 3)]), &[], &[]), (Status::Holds, vec![]));
    // All of it at one size is enough where nothing is declared.
    let some = taking(&[(1, 4), (3, 3)]);
    assert_eq!(found(some, &[], &[]), (Status::Holds, vec![]));
    let told = |text: &str| (Status::Holds, vec![text.to_owned()]);
    let never = found(taking(&[(0, 3)]), REASON, &[]);
    assert_eq!(never, told("never Phase1a: a reason"));
    let partly = found(taking(&[(2, 3)]), &[], REASON);
    assert_eq!(partly, told("Phase1a: 2 of 3 transitions: a reason"));
    let by_size = found(taking(&[(2, 3), (1, 8), (1, 1)]), &[], REASON);
    let text = "Phase1a: 1 of 8 to 1 of 1 transitions, by size: a reason";
    assert_eq!(by_size, told(text));
}

#[test]
fn what_differs_from_what_is_declared_fails() {
    for (sizes, never, partly) in [
        (&[(2, 3)], &[][..], &[][..]),
        (&[(0, 3)], &[], &[]),
        // Reasons for what is not so, or not so any more.
        (&[(0, 3)], &[], REASON),
        (&[(3, 3)], &[], REASON),
        (&[(1, 3)], REASON, &[]),
        (&[(0, 3)], REASON, REASON),
    ] {
        let (status, remarks) = found(taking(sizes), never, partly);
        assert_eq!(status, Status::Fails, "{sizes:?}");
        assert!(
            remarks[0].ends_with("is not what is declared"),
            "{remarks:?}"
        );
    }
}

#[test]
fn what_was_cut_short_is_unknown_and_what_is_wrong_stays_wrong() {
    assert_eq!(found(Done::default(), &[], &[]).0, Status::Vacuous);
    let mut done = taking(&[(1, 3)]);
    done.stop = Some(Stop::Timeout);
    assert_eq!(found(done.clone(), &[], &[]), (Status::Unknown, vec![]));
    done.wrong.push("nodes=2");
    let (status, remarks) = found(done, &[], &[]);
    assert_eq!(status, Status::Fails);
    assert!(remarks[0].starts_with("nodes=2: "), "{remarks:?}");
    let mut done = taking(&[(3, 3)]);
    done.wrong.push("nodes=2");
    assert_eq!(found(done, &[], &[]).0, Status::Fails);
}
