//! Rules of a core: those of its model, and some that only a core needs, as one type.

/// Declares an enum that holds the rules of several enums, so that a core can name any of them: `Model(MultiPaxosRule)`, `Core(MultiPaxosCoreRule)`.
///
/// A joined rule keeps its card, and so its one name.
#[macro_export]
macro_rules! joined_rules {
    (
        $(#[$about:meta])*
        $vis:vis enum $Joined:ident { $($(#[$each:meta])* $Part:ident($Rules:ty),)+ }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $Joined {
            $( $(#[$each])* $Part($Rules), )+
        }

        $(
            impl From<$Rules> for $Joined {
                fn from(rule: $Rules) -> Self {
                    Self::$Part(rule)
                }
            }
        )+

        impl $crate::Rule for $Joined {
            const ALL: &'static [Self] = {
                const COUNT: usize = 0 $(+ <$Rules as $crate::Rule>::ALL.len())+;
                const FIRST: $Joined = [$($Joined::$Part(<$Rules as $crate::Rule>::ALL[0])),+][0];
                const JOINED: [$Joined; COUNT] = {
                    let mut all = [FIRST; COUNT];
                    let mut next = 0;
                    $(
                        let part = <$Rules as $crate::Rule>::ALL;
                        let mut nth = 0;
                        while nth < part.len() {
                            all[next] = $Joined::$Part(part[nth]);
                            next += 1;
                            nth += 1;
                        }
                    )+
                    let _ = next;
                    all
                };
                &JOINED
            };

            fn card(self) -> &'static $crate::Card {
                match self {
                    $( Self::$Part(rule) => $crate::Rule::card(rule), )+
                }
            }

            fn index(self) -> usize {
                let position = <Self as $crate::Rule>::ALL.iter().position(|rule| *rule == self);
                position.expect("every rule is among all rules")
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::Rule;
    use crate::multi_paxos::MultiPaxosRule;
    use crate::paxos::PaxosRule;

    crate::joined_rules! {
        /// Rules of two rungs.
        enum Both {
            /// Those of a single decision.
            One(PaxosRule),
            /// Those of a log.
            Many(MultiPaxosRule),
        }
    }

    #[test]
    fn joined_rules_are_those_of_all_parts_under_their_own_names() {
        assert_eq!(
            Both::ALL.len(),
            PaxosRule::ALL.len() + MultiPaxosRule::ALL.len()
        );
        for (index, rule) in Both::ALL.iter().enumerate() {
            assert_eq!(rule.index(), index);
            assert_eq!(Both::named(rule.card().name), Some(*rule));
        }
        assert_eq!(
            Both::from(PaxosRule::P1bSends).card(),
            PaxosRule::P1bSends.card()
        );
    }
}
