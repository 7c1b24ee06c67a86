/**
 * Typing over a selection. By default, Chromium copies the style of the replaced text to an inline style, which a strict
 * Content-Security-Policy rejects with an error in the console; so the change is made here, before the browser makes it.
 */

import { EditorView } from "@codemirror/view";

export const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { main, ranges } = view.state.selection;
    const text = event.data;
    if (event.inputType !== "insertText" || !text || view.composing || main.empty || ranges.length > 1) return false;
    const insert = () => view.state.update({ ...view.state.replaceSelection(text), userEvent: "input.type", scrollIntoView: true });
    // What else listens to typing (closing brackets, say) is asked first, as it is for any other text.
    const taken = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, main.from, main.to, text, insert));
    if (!taken) view.dispatch(insert());
    event.preventDefault();
    return true;
  },
});
