import type { SyntaxNode } from '../syntax/grammars.ts';

/**
 * What a kind of node gives: `whole` its text, `head` its text up to the body, `container` its head
 * and then its members, `through` nothing itself but what stands in it, `variable` names and types.
 */
export type Shape = 'whole' | 'head' | 'container' | 'through' | 'variable';

/** How signatures are found in one language. */
export interface SignatureRules {
  readonly shapes: Readonly<Record<string, Shape>>;
  /** Whether nobody outside the file or class sees this. */
  readonly isHidden: (node: SyntaxNode) => boolean;
  /** Kinds besides those of which nothing is shown, when the file has one of these at its top. */
  readonly exportKind?: string;
  /** Whether what follows this sibling is hidden; undefined when it says nothing about that. */
  readonly hidesFollowing?: (node: SyntaxNode) => boolean | undefined;
  /** Whether a container's members are hidden until a sibling says otherwise. */
  readonly startsHidden?: (container: SyntaxNode) => boolean;
}

const never = (): boolean => false;

function nameOf(node: SyntaxNode): string {
  return node.childForFieldName('name')?.text ?? '';
}

/** The text before the body begins to matter: modifiers stand there. */
function hasModifier(node: SyntaxNode, pattern: RegExp): boolean {
  return node.namedChildren.some(
    (child) => child !== null && /modifier/u.test(child.type) && pattern.test(child.text),
  );
}

const ecmaScript: SignatureRules = {
  shapes: {
    ...{ export_statement: 'through', ambient_declaration: 'through', class_body: 'through' },
    ...{ internal_module: 'container', module: 'container', statement_block: 'through' },
    ...{ class_declaration: 'container', abstract_class_declaration: 'container' },
    ...{ function_declaration: 'head', generator_function_declaration: 'head' },
    ...{ function_signature: 'head', method_definition: 'head', method_signature: 'head' },
    ...{ abstract_method_signature: 'head', public_field_definition: 'variable' },
    ...{ interface_declaration: 'whole', type_alias_declaration: 'whole' },
    ...{ enum_declaration: 'whole', lexical_declaration: 'variable' },
  },
  isHidden: (node) =>
    hasModifier(node, /^private$/u) ||
    node.childForFieldName('name')?.type === 'private_property_identifier',
  exportKind: 'export_statement',
};

const python: SignatureRules = {
  shapes: {
    ...{ decorated_definition: 'through', block: 'through', class_definition: 'container' },
    ...{ function_definition: 'head', if_statement: 'through', expression_statement: 'through' },
    ...{ assignment: 'variable' },
  },
  isHidden: (node) => {
    if (node.type === 'assignment') return node.childForFieldName('type') === null;
    return /^_(?!_(?:init|call|enter|iter)__$)/u.test(nameOf(node));
  },
};

const go: SignatureRules = {
  shapes: {
    ...{ function_declaration: 'head', method_declaration: 'head', type_declaration: 'whole' },
    ...{ const_declaration: 'whole', var_declaration: 'whole' },
  },
  isHidden: (node) => {
    if (/^(?:function|method)/u.test(node.type)) return !/^\p{Lu}/u.test(nameOf(node));
    return !/^\s*(?:type|const|var)?\s*\(?\s*\p{Lu}/mu.test(node.text);
  },
};

/** Types whose items are public without saying so. */
const rustOpen = /^(?:trait_item|impl_item)$/u;

const rust: SignatureRules = {
  shapes: {
    ...{ struct_item: 'whole', enum_item: 'whole', union_item: 'whole', type_item: 'whole' },
    ...{ const_item: 'variable', static_item: 'variable', trait_item: 'container' },
    ...{ impl_item: 'container', mod_item: 'container', declaration_list: 'through' },
    ...{ function_item: 'head', function_signature_item: 'head' },
  },
  isHidden: (node) => {
    if (node.type === 'impl_item' || hasModifier(node, /^pub/u)) return false;
    const owner = node.parent?.parent;
    if (!owner || !rustOpen.test(owner.type)) return true;
    // Methods of a trait and of its implementations are as public as the trait.
    return owner.type === 'impl_item' && owner.childForFieldName('trait') === null;
  },
};

const java: SignatureRules = {
  shapes: {
    ...{ class_declaration: 'container', interface_declaration: 'container' },
    ...{ record_declaration: 'container', enum_declaration: 'whole', class_body: 'through' },
    ...{ annotation_type_declaration: 'head', interface_body: 'through' },
    ...{ method_declaration: 'head', constructor_declaration: 'head', field_declaration: 'whole' },
  },
  isHidden: (node) => hasModifier(node, /\bprivate\b/u),
};

const cSharp: SignatureRules = {
  shapes: {
    ...{ namespace_declaration: 'through', declaration_list: 'through' },
    ...{ class_declaration: 'container', struct_declaration: 'container' },
    ...{ interface_declaration: 'container', record_declaration: 'container' },
    ...{ enum_declaration: 'whole', delegate_declaration: 'whole', method_declaration: 'head' },
    ...{ constructor_declaration: 'head', property_declaration: 'head' },
    ...{ event_field_declaration: 'whole', field_declaration: 'whole' },
  },
  isHidden: (node) => {
    if (hasModifier(node, /^private$/u)) return true;
    return node.type === 'field_declaration' && !hasModifier(node, /^(?:public|protected)$/u);
  },
};

const cpp: SignatureRules = {
  shapes: {
    ...{ namespace_definition: 'through', declaration_list: 'through', preproc_if: 'through' },
    ...{ preproc_ifdef: 'through', preproc_else: 'through', linkage_specification: 'through' },
    ...{ template_declaration: 'through', field_declaration_list: 'through' },
    ...{ class_specifier: 'container', struct_specifier: 'whole', union_specifier: 'whole' },
    ...{ enum_specifier: 'whole', type_definition: 'whole', alias_declaration: 'whole' },
    ...{ function_definition: 'head', declaration: 'whole', field_declaration: 'whole' },
  },
  isHidden: (node) =>
    node.type !== 'template_declaration' &&
    node.namedChildren.some(
      (child) => child?.type === 'storage_class_specifier' && child.text === 'static',
    ) &&
    node.parent?.type === 'translation_unit',
  hidesFollowing: (node) => (node.type === 'access_specifier' ? node.text !== 'public' : undefined),
  startsHidden: (container) => container.type === 'class_specifier',
};

const ruby: SignatureRules = {
  shapes: {
    ...{ module: 'container', class: 'container', body_statement: 'through' },
    ...{ method: 'head', singleton_method: 'head', call: 'whole' },
  },
  isHidden: (node) =>
    node.type === 'call' &&
    !/^(?:attr_\w+|belongs_to|has_\w+|include|scope|validates?)\b/u.test(node.text),
  hidesFollowing: (node) => {
    if (node.type !== 'identifier') return undefined;
    if (/^(?:private|protected)$/u.test(node.text)) return true;
    return node.text === 'public' ? false : undefined;
  },
};

const php: SignatureRules = {
  shapes: {
    ...{ namespace_definition: 'through', compound_statement: 'through' },
    ...{ class_declaration: 'container', interface_declaration: 'container' },
    ...{ trait_declaration: 'container', enum_declaration: 'container' },
    ...{ declaration_list: 'through', enum_declaration_list: 'through', enum_case: 'whole' },
    ...{ function_definition: 'head', method_declaration: 'head', const_declaration: 'whole' },
    ...{ property_declaration: 'whole' },
  },
  isHidden: (node) => hasModifier(node, /^private$/u),
};

const shell: SignatureRules = { shapes: { function_definition: 'head' }, isHidden: never };

const rules: Readonly<Record<string, SignatureRules>> = {
  typescript: ecmaScript,
  typescriptreact: ecmaScript,
  javascript: ecmaScript,
  javascriptreact: ecmaScript,
  python,
  go,
  rust,
  java,
  csharp: cSharp,
  c: cpp,
  cpp,
  'cuda-cpp': cpp,
  'objective-cpp': cpp,
  ruby,
  php,
  shellscript: shell,
};

/** The rules for a language id; undefined where lines are looked at instead. */
export function signatureRules(languageId: string): SignatureRules | undefined {
  return Object.hasOwn(rules, languageId) ? rules[languageId] : undefined;
}
