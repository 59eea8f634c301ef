import type { Config } from '../config.ts';
import { addOperator, isOperatorName, removeOperator } from '../features/review/operators.ts';
import { atDesk } from './open-desk.ts';
import { refuse } from './refuse.ts';

const operatorUse = [
  'operator add <name>                             lets somebody decide; their token is shown once',
  'operator remove <name>                          takes it back; what they decided stays',
];

/** `purser operator …`: who may decide in reviews. */
export async function operator(
  config: Config,
  [what, name = '', ...rest]: readonly string[],
  print: (line: string) => void,
): Promise<void> {
  if ((what !== 'add' && what !== 'remove') || rest.length > 0) throw refuse('There is:', ...operatorUse);
  if (!isOperatorName(name)) throw refuse('A name is 2 to 40 small letters, digits, points and dashes: zhang.wei');
  await atDesk(config, async (desk) => {
    if (what === 'remove') {
      if (!(await removeOperator(desk, name))) throw refuse(`There is no operator ${name}.`);
      print(`${name} decides nothing any more.`);
      return;
    }
    const token = await addOperator(desk, name);
    if (!token) throw refuse(`The name ${name} was given before, and stands in the records for that person.`);
    print(`${name} may decide. Their token, shown this once, for PURSER_OPERATOR_TOKEN:`);
    print(token.reveal());
  });
}
