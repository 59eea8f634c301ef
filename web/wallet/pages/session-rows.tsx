import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button.tsx';
import { momentOf } from '../../ui/format-time.ts';
import { useLanguage } from '../../ui/language.ts';
import { ListRow } from '../../ui/list-row.tsx';
import { useSessions } from '../queries.ts';
import { useClient } from '../use-client.ts';

/** Where this person is signed in; any other device can be sent away from here. */
export function SessionRows() {
  const { t } = useTranslation('wallet');
  const language = useLanguage();
  const client = useClient();
  const queries = useQueryClient();
  const { data } = useSessions();
  const ending = useMutation({
    mutationFn: (id: string) => client.endSession(id),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  });
  return data?.sessions.map(({ id, device, lastSeenAt, current }) => (
    <ListRow
      key={id}
      icon="phone"
      bareIcon
      title={device === '' ? t('me.unnamedDevice') : device}
      note={current ? t('me.thisOne') : t('me.lastSeen', { time: momentOf(lastSeenAt, language) })}
      end={
        current ? undefined : (
          <Button
            kind="line"
            small
            busy={ending.isPending && ending.variables === id}
            onPress={() => ending.mutate(id)}
          >
            {t('me.endSession')}
          </Button>
        )
      }
    />
  ));
}
