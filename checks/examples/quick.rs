use concur_checks::engine::{explore::*, lens::*, limits::*, stateright as sr};
use concur_models::two_phase::protocol::TwoPhase;
use concur_rules::Faithful;
fn main() {
    let n: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let what: String = std::env::args().nth(2).unwrap();
    let m = TwoPhase {
        rms: n,
        rules: Faithful,
    };
    for threads in [1, 2] {
        let plan = Plan {
            threads,
            ..Default::default()
        };
        if what.contains('p') {
            for _ in 0..3 {
                let t = std::time::Instant::now();
                let e = explore(&m, &Plain(&m), &plan, &Progress::default());
                println!(
                    "plain t={threads} {:?} distinct {} gen {} depth {} rss {}",
                    t.elapsed(),
                    e.distinct,
                    e.generated,
                    e.depth(),
                    resident_memory() >> 20
                );
            }
        }
        if what.contains('r') {
            let t = std::time::Instant::now();
            let e = explore(&m, &Rungwise::new(&m, false), &plan, &Progress::default());
            println!(
                "rungwise t={threads} {:?} distinct {} gen {} depth {} {:?} {:?}",
                t.elapsed(),
                e.distinct,
                e.generated,
                e.depth(),
                e.taken,
                e.breach
            );
        }
        if what.contains('1') {
            break;
        }
    }
    if what.contains('s') {
        let t = std::time::Instant::now();
        let e = sr::explore(m, sr::Strategy::Bfs, 1);
        println!("sr bfs {:?} {:?}", t.elapsed(), e);
    }
}
