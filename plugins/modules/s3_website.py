#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: s3_website
short_description: Manage a website's bucket, which S3 serves or CloudFront reads, and the files in it
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes a bucket that S3 serves as a static website, and uploads and removes its files.
  - The whole difference is told before the first write, each file of it by name.
  - The bucket's objects belong to its owner (C(BucketOwnerEnforced)) and are encrypted with S3's own keys, since
    anonymous readers can't read what is encrypted with a key of KMS.
  - S3 serves websites over HTTP alone. With O(distribution_arn) the bucket is private, and one distribution of
    CloudFront serves what is in it, over HTTPS.
options:
  state:
    description:
      - V(absent) deletes the bucket with all it holds, old versions too.
    type: str
    choices: [present, absent]
    default: present
  name:
    description: The bucket's name. It is unique among all accounts of a partition.
    type: str
    required: true
  index_document:
    description:
      - The file that S3 sends for a folder. It has no slash.
      - With O(distribution_arn), only what is uploaded last. The distribution's own C(default_root_object) is sent for
        the root.
    type: str
    default: index.html
  error_document:
    description: The key of the file that S3 sends with an error. An empty string takes it away.
    type: str
  public_read:
    description:
      - Everybody may read every file. The bucket's policy says this and nothing else, and what blocks public policies
        on the bucket is off. Public ACLs stay blocked. This is so unless O(distribution_arn) is given.
      - With V(false) the policy and the public access block are left alone.
      - An account that blocks public access to all of its buckets refuses it.
    type: bool
  distribution_arn:
    description:
      - The distribution of CloudFront that alone may read the files, by its origin access control. The bucket's policy
        says this and nothing else, all public access is blocked, and S3 serves no website. An empty string is refused.
      - A bucket that was public is closed before its policy is changed, so that it is never open to more readers.
      - What the distribution may have kept of files that are replaced or removed is invalidated there, and O(wait)
        waits for it. Files whose O(files[].cache_control) is C(no-cache), C(no-store) or C(private) need none. More
        than 1,000 files, and files whose keys have other characters than letters, digits and C(._/-), are invalidated
        as V(/*), which CloudFront counts as one path.
      - A run that is killed between its uploads and the invalidation leaves what the distribution kept for as long as
        the header allows.
    type: str
  versioning:
    description: Whether S3 keeps replaced and removed files as old versions. Left alone when it is not given.
    type: bool
  files:
    description:
      - What the bucket is to hold. Files are left alone when this is not given.
      - Files are compared by their MD5, and by the headers O(files[].content_type) and O(files[].cache_control).
        S3 tells the MD5 of an object that was uploaded in one part and is encrypted with S3's keys, as this module does
        it; any other object counts as different, and is uploaded again.
      - The index document is uploaded last, and files are removed after that, so that a page doesn't refer to
        what isn't there.
    type: list
    elements: dict
    suboptions:
      key:
        description: The path below the website's root, without a slash in front.
        type: str
        required: true
      path:
        description:
          - The file on the machine that the task runs on, at most 5 GiB. Either this or O(files[].content) is needed.
        type: path
      content:
        description: The content, as text.
        type: str
      content_type:
        description: The media type. Told from the key when it is not given; text is UTF-8.
        type: str
      cache_control:
        description: The header C(Cache-Control). Empty for none.
        type: str
        default: ""
  purge_files:
    description: Remove what O(files) doesn't list.
    type: bool
    default: true
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: A page that everybody may read
  ha_stack.aws.s3_website:
    name: goals-frontend-123456789012
    files:
      - key: index.html
        path: site/index.html
        cache_control: no-cache
      - key: config.js
        content: "window.API = 'https://api.example';"
        cache_control: no-cache
      - key: assets/style.css
        path: site/style.css
        cache_control: max-age=300
    tags:
      stack: goals
  register: site

- name: All files of a folder, its templates rendered
  ha_stack.aws.s3_website:
    name: docs-123456789012
    error_document: 404.html
    files: "{{ query('ha_stack.aws.website', 'site', uncached=['*.html'], max_age=300) }}"

- name: Files that one distribution alone reads
  ha_stack.aws.s3_website:
    name: goals-private-123456789012
    distribution_arn: arn:aws:cloudfront::123456789012:distribution/EDFDVBD6EXAMPLE
    files:
      - key: index.html
        content: <h1>Goals</h1>
        cache_control: no-cache

- name: No page
  ha_stack.aws.s3_website:
    name: goals-frontend-123456789012
    state: absent
"""

RETURN = r"""
s3_website:
  description: The website. Empty when there is none.
  type: dict
  returned: always
  contains:
    name:
      description: The bucket's name.
      type: str
    arn:
      description: The bucket's ARN.
      type: str
      sample: arn:aws:s3:::goals-frontend-123456789012
    region:
      description: The bucket's region.
      type: str
    endpoint:
      description: The host under which S3 serves the website, in the form of the region. Empty of a private bucket.
      type: str
      sample: goals-frontend-123456789012.s3-website-us-east-1.amazonaws.com
    url:
      description: The website's address and origin. Empty of a private bucket.
      type: str
      sample: http://goals-frontend-123456789012.s3-website-us-east-1.amazonaws.com
    domain_name:
      description: The bucket's regional name, by which a distribution of CloudFront asks it.
      type: str
      sample: goals-frontend-123456789012.s3.us-east-1.amazonaws.com
    index_document:
      description: The file that S3 sends for a folder.
      type: str
    error_document:
      description: The key of the file that S3 sends with an error.
      type: str
    policy:
      description: The bucket's policy.
      type: dict
    public_access_block:
      description: What of public access is blocked, in the API's words.
      type: dict
    object_ownership:
      description: Whose the objects are.
      type: str
    encryption:
      description: How new objects are encrypted.
      type: str
    versioning:
      description: Whether old versions are kept.
      type: bool
    tags:
      description: The bucket's tags.
      type: dict
    files:
      description: The objects, each with C(key), C(digest) (the MD5 of its content) and C(size) (bytes), and, where
        O(files) lists it, C(content_type) and C(cache_control).
      type: list
      elements: dict
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample:
    - update bucket goals-frontend-123456789012
    - create object config.js
    - update object index.html
    - delete object old.html
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import s3_website as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import s3_website as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.s3_website import plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="s3_website",
    options=model.OPTIONS,
    faults=faults,
    desired=model.from_params,
    resolve=api.resolve,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()
