/**
 * The text from which the stand-in model's vocabulary and its habits are learnt. Written for this
 * purpose; it only has to look like code and like talk about code.
 */
const TYPESCRIPT = String.raw`
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Request, Response } from './types.ts';

export interface User {
  readonly id: number;
  readonly name: string;
  readonly email?: string;
  readonly createdAt: Date;
}

export type Result<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'error'; readonly message: string };

const DEFAULT_TIMEOUT = 1000;
const users = new Map<string, User>();

/** Returns the user with the given id, or undefined if there is none. */
export async function getUser(id: string): Promise<User | undefined> {
  const user = users.get(id);
  if (user === undefined) {
    return undefined;
  }
  return user;
}

export function createUser(name: string, email: string): User {
  const user: User = { id: users.size + 1, name, email, createdAt: new Date() };
  users.set(String(user.id), user);
  return user;
}

export class Cache<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #limit: number;
  private size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  set(key: K, value: V): void {
    this.#entries.set(key, value);
    if (this.#entries.size > this.#limit) {
      const first = this.#entries.keys().next().value;
      this.#entries.delete(first);
    }
  }
}

export async function loadConfig(file: string): Promise<Config> {
  try {
    const text = await readFile(file, 'utf8');
    const config = JSON.parse(text);
    return { ...defaults, ...config };
  } catch (error) {
    throw new Error('could not read the configuration', { cause: error });
  } finally {
    console.log('done');
  }
}

for (let index = 0; index < items.length; index++) {
  const item = items[index];
  if (item === null || item.length === 0) continue;
  total += item.price * item.count;
}

for (const [key, value] of Object.entries(options)) {
  if (typeof value === 'string') {
    result.push(key + '=' + value);
  } else if (Array.isArray(value)) {
    result.push(...value.map((entry) => entry.name));
  } else {
    return false;
  }
}

const names = users.filter((user) => user.active).map((user) => user.name).join(', ');
const sum = values.reduce((total, value) => total + value, 0);
const sorted = [...list].sort((left, right) => left.localeCompare(right));

switch (event.kind) {
  case 'start':
    startServer(event.port);
    break;
  case 'stop':
    return;
  default:
    throw new TypeError('unknown event');
}

export default function App(props: Props) {
  const [state, setState] = useState<State>({ count: 0 });
  useEffect(() => {
    const timer = setTimeout(() => setState((s) => ({ count: s.count + 1 })), 1000);
    return () => clearTimeout(timer);
  }, []);
  return <div className="app">{state.count}</div>;
}

describe('cache', () => {
  it('returns the value that was set', async () => {
    const cache = new Cache<string, number>(10);
    cache.set('a', 1);
    expect(cache.get('a')).toBe(1);
    expect(cache.get('b')).toBeUndefined();
  });
});

export function parseLine(line: string): string[] {
  const parts: string[] = [];
  let start = 0;
  while (start < line.length) {
    const end = line.indexOf(',', start);
    if (end === -1) {
      parts.push(line.slice(start));
      break;
    }
    parts.push(line.slice(start, end));
    start = end + 1;
  }
  return parts;
}

const server = createServer((request: Request, response: Response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ path: url.pathname }));
});
server.listen(port, () => {
  console.log('listening on port', port);
});
`;

const JAVASCRIPT = String.raw`
'use strict';
const fs = require('fs');
const { EventEmitter } = require('events');

module.exports = function (app, options) {
  var self = this;
  app.get('/users/:id', function (req, res, next) {
    if (!req.params.id) {
      return res.status(404).send({ error: 'not found' });
    }
    db.query(sql, [req.params.id], function (err, rows) {
      if (err) return next(err);
      res.json(rows[0]);
    });
  });
};

document.querySelector('#button').addEventListener('click', (event) => {
  event.preventDefault();
  const element = document.createElement('div');
  element.textContent = event.target.value;
  document.body.appendChild(element);
});

export const add = (a, b) => a + b;
export const isEmpty = (value) => value == null || value.length === 0;
`;

const PYTHON = String.raw`
#!/usr/bin/env python3
import os
import sys
import json
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional


@dataclass
class Point:
    x: float = 0.0
    y: float = 0.0

    def distance(self, other: "Point") -> float:
        """Return the distance to the other point."""
        return ((self.x - other.x) ** 2 + (self.y - other.y) ** 2) ** 0.5


class Stack:
    def __init__(self, items: Optional[List[Any]] = None) -> None:
        self.items = items or []
        self.size = len(self.items)

    def push(self, item: Any) -> None:
        self.items.append(item)
        self.size += 1

    def pop(self) -> Any:
        if not self.items:
            raise IndexError("pop from an empty stack")
        self.size -= 1
        return self.items.pop()

    def __len__(self) -> int:
        return self.size

    @property
    def name(self) -> str:
        return self._name


def read_file(path: str) -> str:
    with open(path, "r", encoding="utf-8") as f:
        return f.read()


def count_words(text: str) -> Dict[str, int]:
    counts: Dict[str, int] = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return counts


def main(argv: List[str]) -> int:
    args = parse_args(argv)
    try:
        data = json.loads(read_file(args.input))
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for key, value in data.items():
        print(key, value)
    for i in range(len(data)):
        if i % 2 == 0 and data[i] is not None:
            continue
        elif i in seen:
            break
        else:
            pass
    result = [x for x in data if x > 0]
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
`;

const CPP = String.raw`
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#define MAX_SIZE 1024

namespace app {

struct node {
    int value = 0;
    struct node * next = nullptr;
};

class Buffer {
public:
    explicit Buffer(size_t size) : size_(size), data_(new uint8_t[size]) {}
    ~Buffer() = default;
    Buffer(const Buffer &) = delete;
    Buffer & operator=(const Buffer &) = delete;

    uint8_t * data() const { return data_.get(); }
    size_t size() const { return size_; }

private:
    size_t size_;
    std::unique_ptr<uint8_t[]> data_;
};

template <typename T>
static T clamp(T value, T low, T high) {
    if (value < low) {
        return low;
    }
    return value > high ? high : value;
}

static bool read_all(const char * path, std::vector<char> & out) {
    FILE * file = fopen(path, "rb");
    if (file == nullptr) {
        fprintf(stderr, "could not open %s\n", path);
        return false;
    }
    fseek(file, 0, SEEK_END);
    out.resize(ftell(file));
    rewind(file);
    const size_t n = fread(out.data(), 1, out.size(), file);
    fclose(file);
    return n == out.size();
}

} // namespace app

int main(int argc, char ** argv) {
    std::string name = argc > 1 ? argv[1] : "world";
    std::vector<int> numbers = {1, 2, 3, 4};
    for (size_t i = 0; i < numbers.size(); ++i) {
        for (const auto & number : numbers) {
            sum += number;
        }
    }
    std::cout << "hello " << name << std::endl;
    return 0;
}
`;

const OTHER = String.raw`
package main

import "fmt"

func (s *Server) Handle(ctx context.Context, id int) (*User, error) {
	user, err := s.store.Find(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("find user: %w", err)
	}
	return user, nil
}

pub fn parse(input: &str) -> Result<Vec<u32>, Error> {
    let mut numbers = Vec::new();
    for part in input.split(',') {
        match part.trim().parse() {
            Ok(number) => numbers.push(number),
            Err(error) => return Err(error),
        }
    }
    Ok(numbers)
}

public class Main {
    private final String name;

    public static void main(String[] args) {
        System.out.println("hello");
    }
}

{
  "name": "example",
  "version": "0.1.0",
  "private": true,
  "scripts": { "build": "tsc -p .", "test": "vitest run" },
  "dependencies": {}
}

# Example

A small library for reading and writing files. It has no dependencies.

## Install

Run the command in the root of the project:

    npm install
    npm test

## Usage

The function reads the file and returns its text. If the file does not exist, it returns undefined.
This is what the code does: it takes the first value, checks that it is a number and adds it to the list.
You can use the option to change the size of the cache. See the documentation for more.
Here is an example of how to call it from your own code. The test shows that the result is the same.
I think the problem is in the second line, where the name of the variable is not what you want.
`;

/** Words that code is full of; the vocabulary should have them, with and without a space before. */
const WORDS = `
abstract accept action active address after align all allocate angle any append apply args argument array as assert assign async attribute auto await
background base batch before begin between bind bit block body bool boolean border bottom bound break buffer build button byte bytes
cache calculate call callback cancel case catch cell change channel char character check child children class clean clear click client clone close code color column command comment common compare complete component compute concat condition config configuration connect connection const constructor container content context continue control convert copy count create current cursor custom
data database date debug decode default define delete delta depth describe destroy device dict diff dimension direction directory disable disconnect dispatch display dispose document double download draw driver duration dynamic
edge edit editor element else empty enable encode end engine entity entry enum env equal error eval even event exec execute exists exit expand expect export expression extend extension extern extra
factory fail false feature fetch field file filter final find first flag flags float flush focus folder fork for format forward frame free from full function future
generate get global graph group
handle handler hash head header height hello help hidden host html
icon identifier image implement implements import include index info init initial initialize inline inner input insert instance int integer interface internal invalid invoke item iterator
join json keep kernel key keyword kind label lambda last latency layer layout leaf left length level library limit line link list listen listener load local lock log logger long loop
main make manager map mask match matrix max measure member memory merge message metadata method middle min mode model module mount move multiple mutex
name namespace native new next node none normal not null number
object off offset online open operator option optional options order origin other out output overlay override owner
package padding page panel parameter params parent parse parser part pass password path pattern pause payload pending percent permission pipe pixel platform player plugin point pointer policy pool pop port position post prefix prepare press prev previous primary print priority private process product profile project promise prompt property protected protocol provider proxy public publish push
query queue random range rank rate raw read reader readonly ready record recursive reduce ref reference register reject release reload remote remove render repeat replace report repository request require reset resize resolve resource response restore result resume retry return reverse right root route row rule run runtime
safe sample save scale schedule schema scope score screen script scroll search second section seed select selected self send sequence serial server service session set settings setup shape share shared short should show shutdown sign signal simple single size skip slice slot snapshot socket some sort source space span spec special split stack start state static status step stop storage store stream strict string struct style submit success suffix sum super support switch symbol sync syntax system
table target task template temp terminal test text then theme this thread throw time timeout timer timestamp title toggle token tokens tool top total trace track transform translate transport tree trigger trim true try tuple type types
undefined union unique unit unknown unlock unsigned update upload url usage use user using util utils
validate value values variable vector version view virtual visible visit void volatile wait walk warn warning watch weight while width window with word work worker workspace wrap write writer yield zero
`;

/** Shapes of code that should be one token each. */
const SHAPES = Array.from({ length: 6 }, () =>
  [
    ...Array.from({ length: 24 }, (_, width) => `x\n${' '.repeat(width + 1)}x`),
    ...Array.from({ length: 5 }, (_, width) => `x\n${'\t'.repeat(width + 1)}x`),
    'f();\nf() {\nf(), f)) f); f]; f }); f }) {\n f => f === f !== f == f != f <= f >= f && f || f ?? f?.',
    'f++ f-- f += f -= f *= f -> f :: f ... // /* */ /** \n * # ## ### --- ``` ${f} "" \'\' () {} [] <> </ />',
  ].join('\n'),
).join('\n');

/** Running text, from which the model learns what follows what. */
export const TEXT = [TYPESCRIPT, JAVASCRIPT, PYTHON, CPP, OTHER].join('\n');

const words = WORDS.split(/\s+/).filter((word) => word !== '');

/** Text for the vocabulary: the running text, and lists that make common words one token. */
export const VOCABULARY_TEXT = [
  TEXT,
  SHAPES,
  ...words.flatMap((word) => [` ${word} ${word}\n`, `${word}\n${word}`]),
  ...words.map((word) => `x${word.charAt(0).toUpperCase()}${word.slice(1)}`),
].join('\n');
