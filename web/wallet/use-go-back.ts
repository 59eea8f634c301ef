import { useLocation, useNavigate } from 'react-router';

/** Back to where one came from inside the app; from outside, up to the page named. */
export function useGoBack(up: string): () => void {
  const navigate = useNavigate();
  const { key } = useLocation();
  return () => {
    if (key === 'default') void navigate(up, { replace: true });
    else void navigate(-1);
  };
}
