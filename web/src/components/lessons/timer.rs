//! The time since a timed lesson was opened.

use gloo::timers::callback::Interval;
use yew::prelude::*;

/// Properties of [`Timer`].
#[derive(Properties, PartialEq)]
pub struct TimerProps {
    /// The limit, in minutes.
    pub minutes: u16,
}

/// Shows the time that has passed, and the limit.
#[function_component]
pub fn Timer(props: &TimerProps) -> Html {
    let started = use_memo((), |()| js_sys::Date::now());
    let seconds = use_state_eq(|| 0_u32);
    {
        let (started, set) = (*started, seconds.setter());
        use_effect_with((), move |()| {
            let interval = Interval::new(1_000, move || {
                set.set(seconds_since(started, js_sys::Date::now()));
            });
            move || drop(interval)
        });
    }
    let is_over = *seconds >= u32::from(props.minutes).saturating_mul(60);
    html! {
        <span role="timer" class={is_over.then_some("bad")}>{clock(*seconds)}{" of "}{props.minutes}{" min"}</span>
    }
}

/// Returns the whole seconds between two times in milliseconds; 0 if the clock was set back.
fn seconds_since(start: f64, now: f64) -> u32 {
    // A conversion of a float saturates.
    ((now - start) / 1_000.0) as u32
}

/// Returns a duration as minutes and seconds.
fn clock(seconds: u32) -> String {
    let (minutes, rest) = (seconds / 60, seconds % 60);
    let colon = if rest < 10 { ":0" } else { ":" };
    [&minutes.to_string(), colon, &rest.to_string()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_minutes_and_seconds() {
        for (seconds, text) in [(0, "0:00"), (59, "0:59"), (61, "1:01"), (3_600, "60:00")] {
            assert_eq!(clock(seconds), text);
        }
        assert_eq!(seconds_since(1_000.0, 62_999.0), 61);
        assert_eq!(seconds_since(1_000.0, 0.0), 0);
    }
}
