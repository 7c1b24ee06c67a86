//! The clock of a timed lesson.

use gloo::timers::callback::Interval;
use yew::prelude::*;

/// Properties of [`Timer`].
#[derive(Properties, PartialEq)]
pub struct TimerProps {
    /// The limit, in minutes.
    pub minutes: u16,
}

/// Shows the limit and a button that starts the clock, and then the time that has passed.
#[function_component]
pub fn Timer(props: &TimerProps) -> Html {
    let started = use_state_eq(|| None::<f64>);
    let seconds = use_state_eq(|| 0_u32);
    {
        let set = seconds.setter();
        use_effect_with(*started, move |started| {
            let interval = started.map(|started| {
                Interval::new(1_000, move || {
                    set.set(seconds_since(started, js_sys::Date::now()));
                })
            });
            move || drop(interval)
        });
    }
    let start = {
        let (started, seconds) = (started.setter(), seconds.setter());
        Callback::from(move |_: MouseEvent| {
            seconds.set(0);
            started.set(Some(js_sys::Date::now()));
        })
    };
    let is_over = *seconds >= u32::from(props.minutes).saturating_mul(60);
    let label = match *started {
        None => "Start the clock",
        Some(_) => "Start again",
    };
    html! {
        <>
            <span role="timer" class={is_over.then_some("bad")}>
                if started.is_some() {
                    {clock(*seconds)}{" of "}
                }
                {props.minutes}{" min"}
            </span>
            {" · "}<button type="button" class="link" onclick={start}>{label}</button>
        </>
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
