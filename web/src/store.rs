//! The state of the page at run time: applies actions one after the other, and has their effects run.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use playground_split::is_linked;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::effects::EffectRunner;
use crate::embed;
use crate::link::open_link;
use crate::rest;
use crate::state::workspace::IncomingLink;
use crate::state::{Action, AppState, Effect, Pane, update};

/// The state at run time, with what its effects act on. Cloning shares it.
#[derive(Clone)]
pub struct Store(Rc<Inner>);

struct Inner {
    state: RefCell<Rc<AppState>>,
    /// Actions that were dispatched while another one was applied.
    queue: RefCell<VecDeque<Action>>,
    is_dispatching: Cell<bool>,
    runner: EffectRunner,
    render: UseForceUpdateHandle,
}

impl Store {
    fn new(state: AppState, runner: EffectRunner, render: UseForceUpdateHandle) -> Self {
        Self(Rc::new(Inner {
            state: RefCell::new(Rc::new(state)),
            queue: RefCell::default(),
            is_dispatching: Cell::new(false),
            runner,
            render,
        }))
    }

    /// Returns the newest state, which a render may not have shown yet.
    pub fn state(&self) -> Rc<AppState> {
        self.0.state.borrow().clone()
    }

    /// Returns the runner of the effects.
    pub fn runner(&self) -> &EffectRunner {
        &self.0.runner
    }

    /// Applies an action and runs its effects. Actions dispatched meanwhile are applied afterwards.
    fn dispatch(&self, action: Action) {
        if action.needs_all_parts() && !is_linked() {
            let store = self.clone();
            return rest::once_loaded(&self.callback(), move || store.dispatch(action));
        }
        if action.leaves_policy() {
            // The text that the editor has not sent yet belongs to what is left.
            self.runner().editor.flush();
            self.runner().tests.flush();
        }
        let inner = &self.0;
        inner.queue.borrow_mut().push_back(action);
        if inner.is_dispatching.replace(true) {
            return;
        }
        loop {
            let next = inner.queue.borrow_mut().pop_front();
            let Some(action) = next else {
                break;
            };
            let current = (*self.state()).clone();
            let (state, effects) = update(current, action);
            *inner.state.borrow_mut() = Rc::new(state);
            self.run(effects);
        }
        inner.is_dispatching.set(false);
        inner.render.force_update();
    }

    fn run(&self, effects: Vec<Effect>) {
        let on = self.callback();
        for effect in effects {
            self.0.runner.run(effect, &on);
        }
    }

    fn callback(&self) -> Callback<Action> {
        let store = self.clone();
        Callback::from(move |action| store.dispatch(action))
    }
}

/// Creates the store, restored from the browser's storage, starts the worker, and decodes the link that the page was opened with.
#[hook]
pub fn use_store(link: Option<AttrValue>) -> (Store, Callback<Action>) {
    let render = use_force_update();
    let created = use_memo((), move |()| {
        let runner = EffectRunner::default();
        let is_compact = embed::is_compact();
        let (mut state, effects) = if is_compact {
            (AppState::default(), Vec::new())
        } else {
            AppState::restored(&runner.storage.read())
        };
        if is_compact {
            state.embed.is_compact = true;
            // The host is linked by one of them, so they are loaded before the page starts.
            state.has_all_parts = is_linked();
            state.pane = Pane::Policy;
        }
        state.embed.theme = embed::first_theme();
        // What a host sets comes as late as what a link contains.
        if link.is_some() || is_compact {
            state.incoming_link = IncomingLink::Decoding;
        }
        let store = Store::new(state, runner, render);
        let on = store.callback();
        if let Some(link) = link {
            spawn_local(open_link(link.to_string(), on.clone()));
        }
        (store, on, RefCell::new(effects))
    });
    let (store, on, _) = &*created;
    {
        let created = created.clone();
        use_effect_with((), move |()| {
            let (store, on, effects) = &*created;
            store.run(effects.take());
            store.runner().client.start(on);
        });
    }
    (store.clone(), on.clone())
}
