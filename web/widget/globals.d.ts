/** Size of the page in one file, such as `1.5 MB`. The build fills it in. */
declare const SIZE: string;

declare module "*.css" {
  const text: string;
  export default text;
}
