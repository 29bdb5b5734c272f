export { type Labels, type Log, type Metrics, noMetrics, silentLog } from './ports.ts';
export {
  childSpan,
  currentTrace,
  formatTraceparent,
  newTrace,
  parseTraceparent,
  type Trace,
  withTrace,
} from './trace.ts';
