// A dialog as Odoo draws one: a title, a body, a footer.

import { Component, xml } from '@odoo/owl';

export class Dialog extends Component {
  static props = ['title', 'size?', 'footer?', 'slots'];
  static template = xml`
    <div role="dialog" t-att-aria-label="props.title">
      <h4 t-esc="props.title"/>
      <main><t t-slot="default"/></main>
      <footer t-if="props.slots.footer"><t t-slot="footer"/></footer>
    </div>`;
}
