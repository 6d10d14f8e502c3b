#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cloudfront_distribution
short_description: Manage a CloudFront distribution and its origin access control
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes a distribution of CloudFront, and the origin access control that lets it read private
    buckets.
  - CloudFront has no names. A distribution is known by its comment, which the console shows as its description, and
    which it has from the call that makes it, so that a run that was killed goes on with the same one.
  - An update gives back the whole configuration that was read with what the options say in it. Whatever no option
    stands for stays (functions, key groups, origin groups, headers for origins and so on), also in origins and
    behaviors that are listed. CloudFront refuses it where somebody else has changed the distribution meanwhile.
  - A change takes CloudFront some minutes to bring to its edge locations. Until then the old configuration answers.
options:
  state:
    description:
      - V(absent) disables the distribution, waits until it is disabled everywhere, and deletes it with its origin
        access control. Run again, it goes on where it was interrupted.
    type: str
    choices: [present, absent]
    default: present
  name:
    description: The distribution's comment and the name of its origin access control, at most 64 characters.
    type: str
    required: true
  enabled:
    description: Whether it answers. A new one does.
    type: bool
  aliases:
    description:
      - The names besides its own under which it answers, a whole list. They need O(certificate_arn).
      - DNS is not managed here. Point each name to RV(cloudfront_distribution.domain_name).
    type: list
    elements: str
  certificate_arn:
    description:
      - The certificate that viewers see, one of ACM in us-east-1 whatever the region of all else. It has to have every
        name of O(aliases).
      - An empty string stands for CloudFront's own certificate, for C(*.cloudfront.net). A new one has that.
    type: str
  minimum_protocol_version:
    description:
      - The security policy of O(certificate_arn), that is the oldest TLS it speaks and its ciphers. V(TLSv1.2_2021)
        where there was none. With CloudFront's own certificate it is always V(TLSv1).
    type: str
    choices: [TLSv1, TLSv1_2016, TLSv1.1_2016, TLSv1.2_2018, TLSv1.2_2019, TLSv1.2_2021, TLSv1.2_2025, TLSv1.3_2025]
  default_root_object:
    description: The key of the file that is sent for the root, V(/), and for no other folder. Empty for none.
    type: str
  price_class:
    description: Which edge locations answer. V(PriceClass_All) is all; AWS's own choice for a new one.
    type: str
    choices: [PriceClass_100, PriceClass_200, PriceClass_All]
  http_version:
    description: What viewers may speak besides HTTP/1.1. A new one has V(http2and3).
    type: str
    choices: [http1.1, http2, http3, http2and3]
  ipv6:
    description: Whether it has IPv6 addresses. A new one has.
    type: bool
  web_acl_arn:
    description: The web ACL of AWS WAF, one of the scope CLOUDFRONT (in us-east-1). An empty string takes it away.
    type: str
  access_logs:
    description:
      - Where requests are logged (standard logging). An empty dictionary ends it.
      - The bucket has to allow ACLs (object ownership C(BucketOwnerPreferred)), in a region where CloudFront logs.
    type: dict
    suboptions:
      bucket:
        description: The bucket's name.
        type: str
      prefix:
        description: What the keys of the logs begin with.
        type: str
      include_cookies:
        description: Whether cookies are logged.
        type: bool
  origins:
    description: Where the content comes from, a whole list. Origins that are not listed are removed.
    type: list
    elements: dict
    suboptions:
      id:
        description: The name by which behaviors call it.
        type: str
        required: true
      domain_name:
        description:
          - The host. Of a bucket it is its regional name, C(BUCKET.s3.REGION.amazonaws.com).
        type: str
        required: true
      path:
        description: What is put before every path that is asked for, such as V(/v1).
        type: str
      origin_access_control:
        description:
          - The origin is a private bucket. The distribution signs what it asks there (origin access control, Signature
            Version 4), and the bucket's policy lets it read, as M(ha_stack.aws.s3_website) sets it.
        type: bool
        default: false
      protocol_policy:
        description: How an origin that is no bucket is asked. A new one has V(https-only).
        type: str
        choices: [http-only, https-only, match-viewer]
      http_port:
        description: Its port for HTTP. A new one has 80.
        type: int
      https_port:
        description: Its port for HTTPS. A new one has 443.
        type: int
      ssl_protocols:
        description: What it may be spoken to with. A new one has V(TLSv1.2) alone.
        type: list
        elements: str
        choices: [SSLv3, TLSv1, TLSv1.1, TLSv1.2]
      read_timeout:
        description: Seconds that it has for an answer, 1 to 120 (AWS raises the quota from 60). A new one has 30.
        type: int
      keepalive_timeout:
        description: Seconds that a connection to it is kept, 1 to 120. A new one has 5.
        type: int
      connection_attempts:
        description: How often a connection is tried, 1 to 3. A new one has 3.
        type: int
      connection_timeout:
        description: Seconds until a connection counts as failed, 1 to 10. A new one has 10.
        type: int
  default_behavior:
    description: What happens to requests that no path pattern of O(behaviors) fits. What is not given stays.
    type: dict
    suboptions: &behavior
      origin:
        description: The O(origins[].id) that is asked.
        type: str
      viewer_protocol_policy:
        description: What viewers may speak. A new one has V(redirect-to-https).
        type: str
        choices: [allow-all, https-only, redirect-to-https]
      allowed_methods:
        description:
          - What viewers may ask, one of three sets. GET and HEAD; these and OPTIONS; or all seven. A new one has
            GET and HEAD.
        type: list
        elements: str
        choices: [DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT]
      cached_methods:
        description: Whose answers are cached, GET and HEAD, or these and OPTIONS. A new one has GET and HEAD.
        type: list
        elements: str
        choices: [GET, HEAD, OPTIONS]
      compress:
        description: Whether CloudFront compresses what viewers take compressed. A new one does.
        type: bool
      cache_policy:
        description:
          - What is cached and for how long. The name of a managed policy, such as V(CachingOptimized) or
            V(CachingDisabled), or a policy's id. A new one has V(CachingOptimized).
        type: str
      origin_request_policy:
        description:
          - What of a request the origin is told besides. The name of a managed policy, such as
            V(AllViewerExceptHostHeader), or a policy's id. Empty for none.
        type: str
      response_headers_policy:
        description:
          - Which headers are added to answers. The name of a managed policy, such as V(SecurityHeadersPolicy), or a
            policy's id. Empty for none.
        type: str
  behaviors:
    description:
      - What happens to requests by their path, a whole list. The first that fits is taken. An empty list removes all.
      - What is not given of one that is there stays.
    type: list
    elements: dict
    suboptions:
      path_pattern:
        description: The paths, such as V(/api/*).
        type: str
        required: true
      <<: *behavior
  error_responses:
    description: What is sent instead of an origin's errors, a whole list. An empty list removes all.
    type: list
    elements: dict
    suboptions:
      error_code:
        description: The origin's status. A private bucket says 403 where there is no such file.
        type: int
        required: true
      page:
        description: The path of the page that is sent instead. It goes with O(error_responses[].response_code).
        type: str
      response_code:
        description: The status that it is sent with.
        type: int
      min_ttl:
        description: Seconds that the error is cached at least. A new one has 10.
        type: int
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: A private bucket and an API under one name, over HTTPS
  ha_stack.aws.cloudfront_distribution:
    name: goals-frontend
    default_root_object: index.html
    price_class: PriceClass_100
    origins:
      - id: files
        domain_name: goals-files-123456789012.s3.us-east-1.amazonaws.com
        origin_access_control: true
      - id: api
        domain_name: api-1234567890.us-east-1.elb.amazonaws.com
        protocol_policy: http-only
    default_behavior:
      origin: files
      response_headers_policy: SecurityHeadersPolicy
    behaviors:
      - path_pattern: /api/*
        origin: api
        allowed_methods: [DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT]
        cache_policy: CachingDisabled
        origin_request_policy: AllViewerExceptHostHeader
    tags:
      stack: goals
  register: frontend

- name: The bucket that it alone reads
  ha_stack.aws.s3_website:
    name: goals-files-123456789012
    distribution_arn: "{{ frontend.cloudfront_distribution.arn }}"
    files:
      - key: index.html
        content: <h1>Goals</h1>
        cache_control: no-cache

- name: A name of its own, without waiting for the edge locations
  ha_stack.aws.cloudfront_distribution:
    name: goals-frontend
    aliases: [goals.example]
    certificate_arn: arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555
    wait: false

- name: No distribution
  ha_stack.aws.cloudfront_distribution:
    name: goals-frontend
    state: absent
    wait_timeout: 1800
"""

RETURN = r"""
cloudfront_distribution:
  description: The distribution. Empty when there is none.
  type: dict
  returned: always
  contains:
    id:
      description: Its id.
      type: str
      sample: EDFDVBD6EXAMPLE
    arn:
      description: Its ARN.
      type: str
      sample: arn:aws:cloudfront::123456789012:distribution/EDFDVBD6EXAMPLE
    domain_name:
      description: The name that CloudFront gave it.
      type: str
      sample: d111111abcdef8.cloudfront.net
    status:
      description: C(Deployed) once its configuration is at every edge location, C(InProgress) before.
      type: str
    origin_access_control:
      description: Its origin access control, where O(origins) needs one; otherwise null.
      type: dict
    tags:
      description: Its tags, where O(tags) is given; otherwise null.
      type: dict
    name:
      description: Its comment. All other options are here too, under their names, with managed policies by name.
      type: str
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample:
    - create origin access control goals-frontend
    - create distribution goals-frontend
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: "distribution EDFDVBD6EXAMPLE is InProgress: its configuration is on its way to the edge locations"
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import cloudfront_distribution as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import cloudfront_distribution as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.cloudfront_distribution_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.cloudfront_distribution import plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="cloudfront_distribution",
    options=model.OPTIONS,
    faults=faults,
    desired=model.from_params,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
    ids=api.ids,
    made=api.made,
    again=api.again,
    pending=model.pending,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()
