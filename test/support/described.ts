/** A refusal as its answer carries it, beside where it was asked. */
type Refused = { url: string; method: string; path: string; code: string };
type Description = { paths: Readonly<Record<string, Readonly<Record<string, { responses: object }>>>> };

/** A wallet that cannot be asked just now is asked the next time. */
const descriptions = new Map<string, Description>();
async function describe(url: string): Promise<Description | undefined> {
  const known = descriptions.get(url);
  if (known) return known;
  const answer = await fetch(`${url}/openapi.json`).catch(() => undefined);
  if (!answer?.ok) return undefined;
  const found = (await answer.json()) as Description;
  descriptions.set(url, found);
  return found;
}

const fits = (template: string, path: string): boolean =>
  new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);

/** Holds that the description of the API names each cause that a route refuses with, whatever test meets it. */
export async function expectDescribed({ url, method, path, code }: Refused): Promise<void> {
  const description = await describe(url);
  if (!description) return;
  const [asked = ''] = path.split('?');
  const routes = Object.keys(description.paths).filter((template) => fits(template, asked));
  const route = routes.find((template) => template === asked) ?? routes[0];
  const described = route && description.paths[route]?.[method.toLowerCase()];
  if (!described) return;
  if (JSON.stringify(described.responses).includes(`#/components/examples/${code}"`)) return;
  throw new Error(`${method} ${route} was refused with ${code}, which its description does not name`);
}
