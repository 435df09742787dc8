/**
 * Passkeys: ask the browser for one, put its answer into the form, and send the form as if typed.
 *
 * `form[data-passkey="create" | "get"]` is hidden until the browser is known to have passkeys; until then, and where it
 * has none, the page shows `[data-passkey-instead]`.
 */

import { all, must } from "./dom";
import { postForm, RequestFailed } from "./request";

type Kind = "create" | "get";

export function startPasskeys(): void {
  for (const form of all<HTMLFormElement>("form[data-passkey]")) {
    if (!hasPasskeys()) continue;
    for (const instead of all("[data-passkey-instead]")) instead.hidden = true;
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void answer(form);
    });
  }
}

function hasPasskeys(): boolean {
  return window.isSecureContext && "PublicKeyCredential" in window && "parseCreationOptionsFromJSON" in PublicKeyCredential;
}

async function answer(form: HTMLFormElement): Promise<void> {
  const button = must<HTMLButtonElement>("button[type=submit]", form);
  const said = must("[data-passkey-said]", form);
  said.hidden = true;
  button.disabled = true;
  try {
    const options = await postForm<unknown>(form.dataset.challenge ?? "", new FormData(form));
    const credential = await ask(form.dataset.passkey as Kind, options);
    must<HTMLInputElement>("input[name=credential]", form).value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch (error) {
    said.textContent = sentence(form, error);
    said.hidden = false;
    button.disabled = false;
    button.focus();
  }
}

async function ask(kind: Kind, options: unknown): Promise<PublicKeyCredential> {
  const found =
    kind === "create"
      ? await navigator.credentials.create({
          publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON),
        })
      : await navigator.credentials.get({
          publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON),
        });
  if (!(found instanceof PublicKeyCredential)) throw new DOMException("no credential", "NotAllowedError");
  return found;
}

/** The server's sentence, or the page's own for what the browser refused. */
function sentence(form: HTMLFormElement, error: unknown): string {
  if (error instanceof RequestFailed) return error.message;
  const name = error instanceof DOMException ? error.name : "";
  const words = { NotAllowedError: form.dataset.cancelled, AbortError: form.dataset.cancelled, InvalidStateError: form.dataset.known };
  return words[name as keyof typeof words] ?? form.dataset.failed ?? "";
}
